import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 measure memory of buffers by the size of the whole heap. By itself it marks the heap after each 64 MB of buffers:
 * a control plane that sends hundreds of megabytes from a heap of hundreds of megabytes then spends half of its time there.
 * To be called first thing in a process that serves.
 */
export function countBuffersWithHeap(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
