import { useMutation, useQueryClient } from "@tanstack/react-query";

/** An action on a job: afterwards everything that shows it is asked for again. */
export function useJobAction<T>(act: () => Promise<T>, after?: (result: T) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async (result) => {
      after?.(result);
      await Promise.all([client.invalidateQueries({ queryKey: ["jobs"] }), client.invalidateQueries({ queryKey: ["limits"] })]);
    },
  });
}
