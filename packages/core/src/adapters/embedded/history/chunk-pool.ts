/** Memory through which records go to the disk, used again and again. */
export interface ChunkPool {
  take(): Chunk;
  give(chunk: Chunk): void;
}

export interface Chunk {
  readonly bytes: Buffer;
  /** Begins at a multiple of a page of memory, as O_DIRECT wants it. */
  readonly aligned: boolean;
}

export const chunkBytes = 1024 * 1024;

/** Two heads write at a time at most; each fills one chunk while one or two are on their way. */
const chunksMax = 6;

/** Only of use for its memory: the one kind in Node that begins at a page by its specification. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  };
};
const wasmPageBytes = 65_536;

export function chunkPool(): ChunkPool {
  let free: Chunk[] | undefined;
  return {
    take: () => {
      free ??= alignedChunks();
      return free.pop() ?? { bytes: Buffer.allocUnsafeSlow(chunkBytes), aligned: false };
    },
    give: (chunk) => {
      if (chunk.aligned || (free?.length ?? 0) < chunksMax) free?.push(chunk);
    },
  };
}

function alignedChunks(): Chunk[] {
  try {
    const pages = (chunksMax * chunkBytes) / wasmPageBytes;
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
    return Array.from({ length: chunksMax }, (_, chunk) => ({
      bytes: Buffer.from(buffer, chunk * chunkBytes, chunkBytes),
      aligned: true,
    }));
  } catch (error) {
    // Its address space can be refused (ulimit -v): any memory does, at a higher price.
    if (error instanceof RangeError) return [];
    throw error;
  }
}
