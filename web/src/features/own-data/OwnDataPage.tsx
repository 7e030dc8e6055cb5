import { PageHead } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { StateSentence } from "@/components/states/StateSentence";
import { AuditTrail } from "@/features/audit/AuditTrail";
import { ExportPanel } from "@/features/export/ExportPanel";
import { CloseAccount } from "./CloseAccount";

/** What is kept of whoever is signed in: to be taken along, to be looked through, to be erased. */
export function OwnDataPage() {
  return (
    <>
      <PageHead title="Your data" />
      <StateSentence text="Everything you brought and made here is yours to take along, and to have erased." silent />
      <div className="section">
        <Section title="Take it along" flush>
          <ExportPanel name="My" />
        </Section>
        <Section title="What was changed" aside="with which key, and from where">
          <AuditTrail />
        </Section>
        <Section title="Close the account">
          <CloseAccount />
        </Section>
      </div>
    </>
  );
}
