/** The parameters of one run of the export workflow. */
export interface ExportRun {
  readonly export_id: string;
  /** What `claimExport` gave. */
  readonly number: number;
}
