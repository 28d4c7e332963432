/** The icons of the shell, drawn on a grid of 16. */
const PATHS = {
  pulse: "M1 8h3l2-5 4 10 2-5h3",
  cascade: "M2 3h5v3h3v3h3v4M2 3v0M13 13h1",
  venues: "M2 13V6l3-3 3 3v7M8 13V8l3-2 3 2v5M1 13h14",
  signals: "M2 13l4-5 3 2 5-7M10.5 3H14v3.5",
  data: "M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2zM2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
  rules: "M2 4h2.500M7 4h7M5.700 2.500v3M2 8h7M11.500 8H14M10.300 6.500v3M2 12h3.500M8 12h6M6.700 10.500v3",
  status: "M2 2.5h12v4H2zM2 9.5h12v4H2zM4.5 4.5h.01M4.5 11.5h.01",
  system: "M2 3h12v8H2zM5.5 14h5M8 11v3",
  light: "M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  dark: "M13.5 9.5A6 6 0 116.5 2.500a4.800 4.800 0 007 7z",
  key: "M10.500 2a3.500 3.500 0 11-3.200 4.900L2 12.200V14h2.500v-1.500H6V11h1.500l1.200-1.200M11 5h.01",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.01M6.700 6.500h.01M9.300 6.500h.01M12 6.500h.01M5 9.500h6",
  star: "M8 1.800l1.900 4 4.300.6-3.100 3 .8 4.300L8 11.600l-3.900 2.100.8-4.300-3.100-3 4.300-.6z",
  close: "M3.500 3.500l9 9M12.500 3.500l-9 9",
  sound: "M2 6v4h2.500L8 13V3L4.500 6zM10.500 6a3 3 0 010 4M12.500 4a6 6 0 010 8",
  pause: "M5 3v10M11 3v10",
  play: "M4.500 2.500l8 5.500-8 5.500z",
} as const;
export type IconName = keyof typeof PATHS;

/** Decoration: the control around it has the name. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
