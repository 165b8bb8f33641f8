import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the folder holds, and the secrets of its clients. */
export const EARLIER = {
  openSession: 'SJ21ZdDhJFDa5DsMcAGNh04A',
  ticket: 't-qfbvSEzBFisYW7MUKEofcDY_TNgI5nIecuga5iHgE',
  keylessSession: 'bLLu5XLAUiyFxMZ0EqiDJcYY',
  unjoinedSession: 'O69tKhoACGAjLcfoQtFpRJj_',
  unjoined: 'Q4im2rHEzB7skPVaG7yMOufq',
  joined: 'caWviQM5dAUSexzKSjvrtj-r',
  whole: '0kdOigekfb1CqhuZ5tVfrBVD',
  cookie: 'refresh=9M86yNvKXa1okAf9arDhwBY2',
} as const;

/** As the server of commit c24cc25 wrote them; only `expiresAt` of the refresh token is later. */
const FILES: Readonly<Record<string, string>> = {
  'auth.json':
    '{"secret":"QmwRXq4u3D0XLUsBHbfyTeoXX4tbZYb_2KaqU56JSPI","refresh":{"3fdd44456eeb438190a0545206a910072f6da110c9f4104b56d71c0f5872bcec":{"userId":"ada","family":"0SNaiwn-HVhDGKqvETw9S8kR","follows":null,"expiresAt":4102444800000}}}',
  'batches/0kdOigekfb1CqhuZ5tVfrBVD/batch.json':
    '{"ownerId":"ada","key":"direct","sessionId":null,"generation":0,"totalChunks":0,"uploadType":"file","taskId":null,"notes":"d","profileId":null,"batchId":"0kdOigekfb1CqhuZ5tVfrBVD","createdAt":1796118926115,"files":[{"name":"film.mov","type":"application/octet-stream","sizeBytes":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","parts":[{"path":"batches/0kdOigekfb1CqhuZ5tVfrBVD/file-0","sizeBytes":5}]}]}',
  'batches/0kdOigekfb1CqhuZ5tVfrBVD/file-0': 'hello',
  'batches/Q4im2rHEzB7skPVaG7yMOufq/batch.json':
    '{"ownerId":"ada","key":"unjoined","sessionId":"O69tKhoACGAjLcfoQtFpRJj_","generation":0,"totalChunks":2,"uploadType":"zip_no_qr","taskId":"T-1","notes":null,"profileId":null,"batchId":"Q4im2rHEzB7skPVaG7yMOufq","createdAt":1796118926166,"files":[{"name":"film.mov","type":"application/octet-stream","sizeBytes":3,"parts":[{"path":"sessions/O69tKhoACGAjLcfoQtFpRJj_/0-next-1","sizeBytes":1},{"path":"sessions/O69tKhoACGAjLcfoQtFpRJj_/1-next-2","sizeBytes":2}],"sha256":null}]}',
  'batches/caWviQM5dAUSexzKSjvrtj-r/batch.json':
    '{"ownerId":"ada","key":"joined","sessionId":"htuvYk0TMrrQHzJHAuvhDa58","generation":0,"totalChunks":2,"uploadType":"zip_no_qr","taskId":"T-1","notes":"n","profileId":0,"batchId":"caWviQM5dAUSexzKSjvrtj-r","createdAt":1796118925980,"files":[{"name":"film.mov","type":"application/octet-stream","sizeBytes":7,"parts":[{"path":"batches/caWviQM5dAUSexzKSjvrtj-r/file-0","sizeBytes":7}],"sha256":"8ab63e29a4ba14e4e1688f9c15e5af90895421358c945b0431f85d66977bd3d2"}]}',
  'batches/caWviQM5dAUSexzKSjvrtj-r/file-0': 'one two',
  'sessions/O69tKhoACGAjLcfoQtFpRJj_/0-next-1': 'x',
  'sessions/O69tKhoACGAjLcfoQtFpRJj_/1-next-2': 'yz',
  'sessions/O69tKhoACGAjLcfoQtFpRJj_/session.json':
    '{"id":"O69tKhoACGAjLcfoQtFpRJj_","ownerId":"ada","key":"unjoined","generation":0,"totalChunks":2,"filename":"film.mov","uploadType":"zip_no_qr","taskId":"T-1"}',
  'sessions/SJ21ZdDhJFDa5DsMcAGNh04A/1-3-3': '456',
  'sessions/SJ21ZdDhJFDa5DsMcAGNh04A/session.json':
    '{"id":"SJ21ZdDhJFDa5DsMcAGNh04A","ownerId":"ada","key":"open","generation":2,"totalChunks":3,"filename":"film.mov","uploadType":"zip_no_qr","taskId":"T-1"}',
  'sessions/SJ21ZdDhJFDa5DsMcAGNh04A/told.json': '{"notes":"kept","profileId":7,"fileSize":9}',
  'sessions/bLLu5XLAUiyFxMZ0EqiDJcYY/0-next-7': 'keyless',
  'sessions/bLLu5XLAUiyFxMZ0EqiDJcYY/session.json':
    '{"id":"bLLu5XLAUiyFxMZ0EqiDJcYY","ownerId":"ada","key":null,"generation":0,"totalChunks":2,"filename":"film.mov","uploadType":"file","taskId":"T-1"}',
  'temp/half': 'half a request',
};

/** Writes a data folder of an earlier version. */
export async function writeEarlierFolder(dataDir: string): Promise<void> {
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(dataDir, path)), { recursive: true });
    await writeFile(join(dataDir, path), content);
  }
}
