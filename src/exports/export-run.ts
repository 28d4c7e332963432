/** The parameters of one run of the export workflow. */
export interface ExportRun {
  readonly export_id: string;
  /** The number that `claimExport` returned. */
  readonly number: number;
}
