import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { EmptyState } from "@/components/EmptyState";
import { Section } from "@/components/Section";
import { Moment } from "@/components/values";
import { jobsQuery } from "@/features/jobs/api/listJobs";
import { money } from "@/lib/format";
import { jobMark } from "@/lib/status";

/** Jobs that used this dataset, among the newest hundred. */
export function DatasetJobs({ id }: { id: string }) {
  const { data } = useQuery({ ...jobsQuery({ limit: 100 }), refetchInterval: false });
  const jobs = data?.jobs.filter((job) => job.dataset_id === id) ?? [];
  return (
    <Section title="Jobs on this dataset" flush>
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
