/** What the API answered with: the data, or an error that names the request and the answer. */
export async function askApi<Data>(worker: string, path: string, token: string | null, request: RequestInit = {}): Promise<Data> {
  const response = await fetch(`${worker}${path}`, {
    ...request,
    headers: { "Content-Type": "application/json", ...(token === null ? {} : { Authorization: `Bearer ${token}` }) },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${request.method ?? "GET"} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return (text === "" ? undefined : (JSON.parse(text) as { readonly data: Data }).data) as Data;
}
