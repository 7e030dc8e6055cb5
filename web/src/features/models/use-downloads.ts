import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { announce } from "@/lib/announce";
import { counted } from "@/lib/format";
import { fetchFile } from "@/lib/save";
import { signDownloads, type DownloadLinks } from "./api/signDownloads";

const PAUSE = 400;

/** Signs links and hands one file after the other to the browser; a browser drops those that come too quickly. */
export function useDownloads(id: string) {
  const [begun, setBegun] = useState(0);
  const sign = useMutation({
    mutationFn: (files: string[]) => signDownloads(id, files),
    onSuccess: async (links) => {
      setBegun(0);
      await handOver(links, setBegun);
      announce(`${counted(Object.keys(links.download_urls).length, "download")} began`);
    },
  });
  return { start: sign.mutate, isBusy: sign.isPending, links: sign.data, begun, error: sign.error };
}

export type Downloads = ReturnType<typeof useDownloads>;

async function handOver(links: DownloadLinks, told: (begun: number) => void): Promise<void> {
  let n = 0;
  for (const [name, url] of Object.entries(links.download_urls)) {
    if (n > 0) await new Promise((resolve) => window.setTimeout(resolve, PAUSE));
    fetchFile(name, url);
    n += 1;
    told(n);
  }
}
