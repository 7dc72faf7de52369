import type { SystemModel } from '../model/system-model';
import { AS_PLANNED, type Departure } from '../campaign/trial-plan';
import { calibrated, readCalibration } from './calibrated-model';

/**
 * A departure that starts from a calibration instead of the assumed model; what-ifs apply on top of it.
 *
 * @throws Error where the calibration is of a local trial: that machine's times say nothing about the cluster.
 */
export function departureWith(whatIf: Departure, calibrationFile: string | undefined): Departure {
  if (calibrationFile === undefined) return whatIf;
  const calibration = readCalibration(calibrationFile);
  if (calibration.site !== 'cluster') {
    throw new Error(
      `${calibrationFile} was learnt from ${calibration.site === 'live' ? 'the live cluster of one machine' : 'a local trial'}, whose times say nothing about the cluster: ` +
        `calibrate on a campaign that ran on the cluster.`,
    );
  }
  const fitted = (model: SystemModel) =>
    // The single machine of the benchmark keeps its own network; only the work of a request carries over.
    model.gateway ? calibrated(model, calibration) : { ...calibrated(model, calibration), network: model.network };
  return { ...AS_PLANNED, ...whatIf, model: (model) => whatIf.model(fitted(model)) };
}
