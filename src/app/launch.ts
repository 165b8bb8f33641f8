interface LaunchQueue {
  setConsumer(consumer: (params: { readonly files?: readonly FileSystemFileHandle[] }) => void): void;
}

/** Calls back with the files that the system opened with the installed app; lib.dom does not know the queue they come in. */
export function onLaunchedFiles(listener: (files: readonly File[]) => void): void {
  const { launchQueue } = window as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(async ({ files = [] }) => {
    if (files.length > 0) listener(await Promise.all(files.map((handle) => handle.getFile())));
  });
}
