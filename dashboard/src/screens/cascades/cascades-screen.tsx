import type { ScreenProps } from "../screens.ts";
import { CascadeList } from "./cascade-list.tsx";
import { CaseFile } from "./case-file.tsx";
import "./cascades.css";

/** All cascades, or the case file of the one that the address names. */
export function CascadesScreen({ below }: ScreenProps) {
  return below === null ? <CascadeList /> : <CaseFile key={below} id={below} />;
}
