// What was dropped on the page: files, and those in folders with their way through them.
export interface Given { file: File; name: string }

async function within(entry: FileSystemEntry, path: string): Promise<Given[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    return [{ file, name: path + file.name }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Given[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    for (const one of some) found.push(...(await within(one, `${path}${entry.name}/`)));
    if (!some.length) return found; // a browser gives a hundred at a time, and nothing at the end
  }
}

export async function filesDropped(given: DataTransfer | null): Promise<Given[]> {
  const entries = [...(given?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry): entry is FileSystemEntry => entry !== null);
  if (!entries.length) return [...(given?.files ?? [])].map((file) => ({ file, name: file.name }));
  return (await Promise.all(entries.map((entry) => within(entry, "")))).flat();
}
