const ascii = (text: string): number[] => [...text].map((sign) => sign.charCodeAt(0));

/** How files begin that a unit may show: photographs, documents, sound and film. Source: each format's own specification. */
const signatures: readonly { readonly type: string; readonly at: number; readonly bytes: readonly number[] }[] = [
  { type: 'image/jpeg', at: 0, bytes: [0xff, 0xd8, 0xff] }, { type: 'image/png', at: 0, bytes: [0x89, ...ascii('PNG'), 0x0d, 0x0a, 0x1a, 0x0a] },
  { type: 'application/pdf', at: 0, bytes: ascii('%PDF-') }, { type: 'application/zip', at: 0, bytes: [...ascii('PK'), 3, 4] },
  { type: 'video/mp4', at: 4, bytes: ascii('ftyp') }, { type: 'audio/mpeg', at: 0, bytes: ascii('ID3') }, { type: 'audio/mpeg', at: 0, bytes: [0xff, 0xfb] }, { type: 'audio/wav', at: 8, bytes: ascii('WAVE') },
];
/** Documents of offices are ZIP archives, told apart by their names. */
const office: Readonly<Record<string, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};

/** What a file is by its own bytes, whatever it is called; null for what nobody needs to show. */
export function mediaTypeOf(content: Buffer, name: string): string | null {
  const found = signatures.find(({ at, bytes }) => bytes.every((byte, index) => content[at + index] === byte))?.type ?? null;
  if (found !== 'application/zip') return found;
  return office[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? null;
}
