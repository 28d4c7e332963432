/** Hands a file to the browser as a download: a request needs the key in a header, which a link cannot send. */
export function saveAs(content: ArrayBuffer | string, name: string, type = ""): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has the bytes once it began.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
