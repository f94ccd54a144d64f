// The entry of a worker thread: serves the databases of the accounts that are hashed to it.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { StoreWorker } from './engine/store-worker.ts';
import type { WireRequest, WorkerSettings } from './wire.ts';

if (!parentPort) throw new TypeError('@mox/store/worker is started by the store itself, as a worker thread');
const port = parentPort;
const worker = new StoreWorker(workerData as WorkerSettings, (post, transfer) => port.postMessage(post, transfer));
port.on('message', (batch: readonly WireRequest[]) => {
  worker.receive(batch);
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) worker.receive(more.message);
  worker.turn();
});

export {};
