import {
  FORECAST_MODEL_KEY,
  type ForecastModelFile,
  MAX_FORECAST_MODEL_BYTES,
  readForecastModel,
} from "../../src/cascade-forecast/forecast-model-file.ts";
import { type Installed, InstalledFile } from "../r2/installed-file.ts";

const forecastModel = new InstalledFile<ForecastModelFile>({
  key: FORECAST_MODEL_KEY,
  maxBytes: MAX_FORECAST_MODEL_BYTES,
  verb: "forecast",
  read: readForecastModel,
});

/** The forecast model that was installed in R2 by `npm run train -- cascades`, or the reason why none forecasts. */
export function installedForecastModel(bucket: R2Bucket, now: number): Promise<Installed<ForecastModelFile>> {
  return forecastModel.read(bucket, now);
}
