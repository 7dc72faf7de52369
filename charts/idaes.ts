import { serviceEndpoint } from '../lib/constructs/network/endpoint';
import { tcpConnect } from '../lib/constructs/pod/probe';
import { scratch } from '../lib/constructs/pod/volume';
import { cpuQuantity, memoryQuantity } from '../lib/kubernetes/quantity';
import { OneAtATime, PodService } from '../lib/constructs/workload/service';
import { ScalableDeployment } from '../lib/constructs/workload/scalable-deployment';
import type { DeploymentSettings } from './workload-deployment';
import { images } from '../facts/images';
import { AhuoraComponent, type Platform } from './platform';

/** The solver. Internal: only the API calls it. */
export const idaes = serviceEndpoint('idaes', 8080);

/** What stays the same in every workload variant: the Service and the disruption budget. */
export class Idaes extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, idaes.host);
    new PodService(this, { port: idaes.port });
    new OneAtATime(this);
  }
}

/** The Deployment of the solver, which experiments vary. */
export class IdaesWorkload extends AhuoraComponent {
  constructor(platform: Platform, { cpuMillicores, memoryMiB, replicas }: DeploymentSettings) {
    super(platform, idaes.host);
    const open = tcpConnect(idaes.port);
    new ScalableDeployment(this, {
      replicas,
      runAs: { user: 1000, group: 1000 },
      // 5 s of preStop, then time to finish a solve of a second and those queued behind it.
      terminationGracePeriodSeconds: 30,
      containers: [
        {
          name: idaes.host,
          image: images.idaes,
          ports: [{ name: 'http', port: idaes.port }],
          // The solver writes its models to files.
          environment: { HOME: '/tmp' },
          mounts: [scratch('/tmp', '256Mi')],
          resources: {
            // Limits stay the same whatever is requested, so that a variant differs in its request alone.
            cpu: { request: cpuQuantity(cpuMillicores), limit: '2' },
            memory: { request: memoryQuantity(memoryMiB), limit: '2Gi' },
          },
          preStopSleepSeconds: 5,
          probes: {
            // Loading the modelling library takes 2 to 10 s on a Pi; a solve must never look like a dead process.
            startup: { action: open, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 60 },
            readiness: { action: open, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
            liveness: { action: open, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 12 },
          },
        },
      ],
    });
  }
}
