import type { ReactNode } from "react";
import { Loaded } from "@/components/states/Loaded";
import { PageHead } from "@/components/PageHead";
import { PageSkeleton } from "@/components/states/Skeleton";
import { useMe } from "@/features/account/api/getMe";

/** What only members of the group `admin` see; everybody else is told so, and the API refuses them as well. */
export function OnlyAdmins({ title, children }: { title: string; children: ReactNode }) {
  const me = useMe();
  if (me.data?.admin) return children;
  return (
    <>
      <PageHead title={title} />
      <div className="mt-4">
        <Loaded query={me} what="Who you are" skeleton={<PageSkeleton />}>
          {() => (
            <div className="note" data-tone="bad" role="alert">
              <p className="strong">You may not see this.</p>
              <p>It is for administrators. Ask whoever runs this BrightRun.</p>
            </div>
          )}
        </Loaded>
      </div>
    </>
  );
}
