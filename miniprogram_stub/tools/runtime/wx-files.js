// wx: the file system of the phone, and the addresses under which pictures are shown.
import { KEPT } from "./disk.js";

export function fileCalls(play) {
  const { disk } = play;
  const found = (path) => {
    if (!disk.has(path)) throw new Error(`no such file or directory, open '${path}'`);
    return disk.read(path);
  };
  const manager = {
    access: play.call("access", ({ path }) => void found(path)),
    readFile: play.call("readFile", ({ filePath }) => ({ data: found(filePath).bytes.slice().buffer })),
    copyFile: play.call("copyFile", async ({ srcPath, destPath }) => disk.write(destPath, { ...found(srcPath) })),
    unlink: play.call("unlink", async ({ filePath }) => {
      found(filePath);
      await disk.remove(filePath);
    }),
    readdir: play.call("readdir", ({ dirPath }) => ({ files: disk.names(dirPath) })),
    stat: play.call("stat", ({ path }) => ({ stats: { size: found(path).bytes.length } })),
  };
  return {
    env: { USER_DATA_PATH: KEPT },
    getFileSystemManager: () => manager,
    $address(path) {
      if (!disk.has(path)) return /^(blob|data|https?):/.test(path) && !/^http:\/\/(usr|tmp)\//.test(path) ? path : "data:,";
      const { bytes, type } = disk.read(path);
      return URL.createObjectURL ? URL.createObjectURL(new Blob([bytes], { type })) : path;
    },
  };
}
