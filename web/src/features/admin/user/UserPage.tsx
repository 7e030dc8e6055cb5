import { getRouteApi } from "@tanstack/react-router";
import { Tabs } from "radix-ui";
import { CopyButton } from "@/components/CopyButton";
import { Badge } from "@/components/Badge";
import { Figures } from "@/components/Figures";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { PageSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { Moment } from "@/components/values";
import { AuditTrail } from "@/features/audit/AuditTrail";
import { bytes, count, money } from "@/lib/format";
import { jobStatusWord } from "@/lib/status";
import { OnlyAdmins } from "../OnlyAdmins";
import { useErasure, type UserErasure } from "./api/getErasure";
import { useUser, type User } from "./api/getUser";
import { AccessActions } from "./AccessActions";
import { UserAccess } from "./UserAccess";
import { UserData } from "./UserData";
import { accessMark, nameOf, userSentence } from "./words";

const route = getRouteApi("/inside/admin/users/$id");
const TABS = [
  { key: "access", label: "Limit and keys", Content: UserAccess },
  { key: "audit", label: "Audit trail", Content: ({ user }: { user: User }) => <AuditTrail user={user.user_id} /> },
  { key: "data", label: "Data", Content: UserData },
] as const;

/** One user, for administrators: whether they may come in, what they may spend, their keys, trail and data. */
export function UserPage() {
  const { id } = route.useParams();
  return (
    <OnlyAdmins title="User">
      <TheUser id={id} />
    </OnlyAdmins>
  );
}

function TheUser({ id }: { id: string }) {
  const query = useUser(id);
  const erasure = useErasure(id).data;
  return (
    <>
      {query.data ? null : <PageHead title="User" crumb={{ to: "/admin", label: "Admin", here: "User" }} />}
      <Loaded query={query} what="The user" skeleton={<div className="mt-4"><PageSkeleton /></div>}>
        {(user) => <Shown user={user} erasure={erasure} />}
      </Loaded>
    </>
  );
}

function Shown({ user, erasure }: { user: User; erasure: UserErasure | undefined }) {
  const actions = <AccessActions user={user} erasure={erasure} />;
  return (
    <>
      <PageHead title={nameOf(user)} crumb={{ to: "/admin", label: "Admin", here: "User" }} badge={<Badge mark={accessMark(user, erasure)} />}>
        {actions}
      </PageHead>
      <StateSentence text={userSentence(user, erasure)} />
      <p className="why flex flex-wrap items-center gap-x-4 text-13 text-ink-3">
        <span className="flex items-center gap-1">
          <code className="wrap-anywhere">{user.user_id}</code>
          <CopyButton text={user.user_id} of="the user’s id" />
        </span>
        {user.changed_at ? (
          <span>
            {user.disabled_at ? "Shut out" : "Let in again"} by <code>{user.changed_by}</code>, <Moment at={user.changed_at} />
          </span>
        ) : null}
      </p>
      <PhoneActions>{actions}</PhoneActions>
      <div className="section">
        <Figures items={figures(user)} />
      </div>
      <div className="section">
        <Parts user={user} />
      </div>
    </>
  );
}

function Parts({ user }: { user: User }) {
  const { tab = "access" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value) => {
        const chosen = TABS.find((one) => one.key === value)?.key;
        void navigate({ search: chosen === "access" ? {} : { tab: chosen }, replace: true });
      }}
    >
      <Tabs.List className="tabs" aria-label="Parts of the user">
        {TABS.map(({ key, label }) => (
          <Tabs.Trigger key={key} value={key}>
            {label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {TABS.map(({ key, Content }) => (
        <Tabs.Content key={key} value={key} tabIndex={-1}>
          <Content user={user} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, one) => total + one, 0);

function figures(user: User) {
  const jobs = Object.entries(user.jobs).map(([status, n]) => `${n} ${jobStatusWord(status).toLowerCase()}`);
  return [
    { label: "Spent this month", value: money(user.spent_this_month) },
    { label: "Datasets", value: count(sum(user.datasets)), note: `${count(user.datasets.ready ?? 0)} ready` },
    { label: "Jobs", value: count(sum(user.jobs)), note: jobs.join(", ") },
    { label: "Models", value: count(sum(user.models)), note: `${count(user.models.production ?? 0)} in production` },
    { label: "Stored", value: bytes(sum(user.storage_bytes)) },
  ];
}
