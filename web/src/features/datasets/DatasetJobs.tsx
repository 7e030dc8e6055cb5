import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { EmptyState } from "@/components/states/EmptyState";
import { Section } from "@/components/Section";
import { Moment } from "@/components/values";
import { jobsQuery } from "@/features/jobs/api/listJobs";
import { count, money } from "@/lib/format";
import { jobMark } from "@/lib/status";

const AT_MOST = 10;

/** The newest jobs that used this dataset. */
export function DatasetJobs({ id }: { id: string }) {
  const { data } = useQuery({ ...jobsQuery({ dataset_id: id, limit: AT_MOST }), refetchInterval: false });
  const jobs = data?.jobs ?? [];
  const total = data?.pagination.total ?? 0;
  const all = (
    <Link to="/training/jobs" search={{ dataset: id }}>
      All {count(total)}
    </Link>
  );
  return (
    <Section title="Jobs on this dataset" aside={total > AT_MOST ? all : null} flush>
      {jobs.length === 0 ? <EmptyState title="No job has used it yet." /> : null}
      <div className="panel overflow-hidden" hidden={jobs.length === 0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col" className="n">Cost</th>
              <th scope="col" className="n">When</th>
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <tr key={job.id}>
                <td className="wide">
                  <Link to="/training/jobs/$id" params={{ id: job.id }} className="name">
                    {job.name}
                  </Link>
                </td>
                <td>
                  <Badge mark={jobMark(job)} />
                </td>
                <td className="n">{money(job.final_cost ?? job.current_cost)}</td>
                <td className="n">
                  <Moment at={job.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
