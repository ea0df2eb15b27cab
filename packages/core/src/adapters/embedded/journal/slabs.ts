/**
 * Small pieces are cut from slabs of 1 MiB, large ones stand alone: a piece of memory for every
 * record that comes on its own would cost more than writing it. Pieces begin at multiples of 8.
 */
export function slabs(): (bytes: number) => Buffer {
  let slab = Buffer.alloc(0);
  let used = 0;
  return (bytes) => {
    if (bytes > slabBytes / 4) return Buffer.allocUnsafeSlow(bytes);
    if (used + bytes > slab.length) {
      slab = Buffer.allocUnsafeSlow(slabBytes);
      used = 0;
    }
    const piece = slab.subarray(used, used + bytes);
    used += (bytes + 7) & ~7;
    return piece;
  };
}

const slabBytes = 1024 * 1024;
