import * as fs from 'node:fs';
import { promisify } from 'node:util';

/** The two calls that an append depends on; a test of failing disks brings its own. */
export interface Disk {
  /** Answers how many bytes were written, which may be fewer than there are. */
  write(fd: number, buffers: readonly Buffer[], position: number): Promise<number>;
  /** Resolves when all that was written to the file is durable. */
  sync(fd: number): Promise<void>;
}

export const hostDisk: Disk = {
  write: (fd, buffers, position) =>
    new Promise((resolve, reject) => {
      fs.writev(fd, buffers, position, (error, count) => (error ? reject(error) : resolve(count)));
    }),
  sync: promisify(fs.fdatasync),
};
