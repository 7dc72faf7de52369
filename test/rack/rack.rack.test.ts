import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Engineer, installationPage } from './ansible';
import { boardSteps } from './board-steps';
import { Walk } from './documented';
import { installationSteps } from './installation-steps';
import { lifeSteps } from './life-steps';
import { mirrorSteps } from './mirror-steps';
import { networkSteps } from './network-steps';
import { offsiteSteps } from './offsite-steps';
import { preflightSteps } from './preflight-steps';
import { progress } from './progress';
import { Rack } from './rack';
import { Site } from './site';
import { stageSteps } from './stage-steps';
import { closingTally, insistOnTheStop, step } from './step';

jest.setTimeout(15 * 60 * 1000);

let rack: Rack;
let engineer: Engineer;

// One rack for the whole tier: its life is the test.
describe('the virtual rack', () => {
  beforeAll(async () => {
    rack = await Rack.assemble(['ingress', 'control', 'worker-1', 'worker-2']);
    engineer = await Engineer.prepare(rack);
    progress('the rack stands');
  });

  const page = new Walk(installationPage);
  const site = new Site(
    () => rack,
    () => engineer,
  );

  describe('staging', () => stageSteps(() => rack, () => engineer, page)); // prettier-ignore
  describe('bad input', () => preflightSteps(() => engineer));
  describe('installation', () => installationSteps(site, page));
  describe('unfriendly boards', () =>
    boardSteps(
      () => rack,
      () => engineer,
    ));
  describe('network', () => networkSteps(() => rack));
  describe('image mirror', () =>
    mirrorSteps(
      () => rack,
      () => engineer,
    ));
  describe('copy off the rack', () =>
    offsiteSteps(
      () => rack,
      () => engineer,
    ));
  describe('life of the cluster', () => lifeSteps(site, page));

  describe('afterwards', () => {
    step('nothing is left: no namespace, mount, process, control group or file', async () => {
      rack.dismantle();
      expect(existsSync(rack.folder)).toBe(false);
      expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(rack.prefix);
      expect(
        execFileSync('sh', ['-c', `cat /proc/self/mounts; ls /sys/fs/cgroup/*; ps ax -o args`], { encoding: 'utf8' }),
      ).not.toContain(`${rack.prefix}-`);
    }, 'clears up'); // prettier-ignore
  });

  insistOnTheStop();

  afterAll(() => {
    rack?.dismantle();
    process.stderr.write(`${closingTally()}\n`);
  });
});
