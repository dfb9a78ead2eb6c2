package ocellus.models.arch;

import java.util.Locale;
import java.util.Optional;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.Window;

/** How a feature map becomes a vector; timm's {@code global_pool}. */
enum GlobalPool {
  /** The mean of each channel. */
  AVERAGE,
  /** The largest value of each channel. */
  MAX,
  /** The mean of {@link #AVERAGE} and {@link #MAX}. */
  MEAN_OF_BOTH,
  /** {@link #AVERAGE}, then {@link #MAX}: twice as many features. */
  BOTH;

  /** By timm's name; empty if that is unknown or does not pool. */
  static Optional<GlobalPool> timm(String name) {
    GlobalPool pool =
        switch (name.toLowerCase(Locale.ROOT)) {
          case "avg", "fast", "fastavg" -> AVERAGE;
          case "max", "fastmax" -> MAX;
          case "avgmax", "fastavgmax" -> MEAN_OF_BOTH;
          case "catavgmax", "fastcatavgmax" -> BOTH;
          default -> null;
        };
    return Optional.ofNullable(pool);
  }

  /** The length of the vector for a map of {@code channels}. */
  int features(int channels) {
    return this == BOTH ? 2 * channels : channels;
  }

  /**
   * @param x {@code [height, width, channels]}
   * @param y {@code [features(channels)]}
   */
  void forward(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    int channels = x.channels();
    switch (this) {
      case AVERAGE -> Kernels.averageRows(x, y, ws);
      case MAX -> max(x, y, ws);
      case MEAN_OF_BOTH -> {
        Tensor max = ws.tensor(channels);
        max(x, max, ws);
        Kernels.averageRows(x, y, ws);
        for (int c = 0; c < channels; c++) {
          int i = y.offset() + c;
          y.data()[i] = 0.5f * y.data()[i] + 0.5f * max.data()[max.offset() + c];
        }
      }
      case BOTH -> {
        Tensor half = ws.tensor(channels);
        Kernels.averageRows(x, half, ws);
        System.arraycopy(half.data(), half.offset(), y.data(), y.offset(), channels);
        max(x, half, ws);
        System.arraycopy(half.data(), half.offset(), y.data(), y.offset() + channels, channels);
      }
    }
    ws.release(mark);
  }

  private static void max(Tensor x, Tensor y, Workspace ws) {
    int height = x.dim(0);
    int width = x.dim(1);
    Window whole = new Window(height, width, height, width, 1, 1, 1, 1, 0, 0, 1, 1);
    Kernels.maxPool(x, whole, ws.view(y, 0, 1, 1, x.channels()), ws);
  }
}
