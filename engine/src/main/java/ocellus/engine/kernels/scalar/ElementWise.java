package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;

/** Operations on each element by itself. */
final class ElementWise {
  private static final int ELEMENTS = 4096;
  private static final int ROWS = 64;

  private ElementWise() {}

  static void activate(Activation activation, Tensor x, Workspace ws) {
    Blocks.run(
        ws,
        x.size(),
        ELEMENTS,
        (from, to) -> {
          for (int i = x.offset() + from; i < x.offset() + to; i++) {
            x.data()[i] = (float) activation.apply(x.data()[i]);
          }
        });
  }

  static void add(Tensor x, Tensor y, Workspace ws) {
    Blocks.run(
        ws,
        x.size(),
        ELEMENTS,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            x.data()[x.offset() + i] += y.data()[y.offset() + i];
          }
        });
  }

  static void scaleChannels(Tensor x, Tensor factors, Tensor y, Workspace ws) {
    int channels = x.channels();
    Blocks.run(
        ws,
        x.rows(),
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            for (int c = 0; c < channels; c++) {
              int i = row * channels + c;
              float product = x.data()[x.offset() + i] * factors.data()[factors.offset() + c];
              y.data()[y.offset() + i] = product;
            }
          }
        });
  }

  static void addScaled(Tensor x, Tensor factors, Activation activation, Tensor y, Workspace ws) {
    int channels = x.channels();
    Blocks.run(
        ws,
        x.rows(),
        ROWS,
        (from, to) -> {
          for (int i = from * channels; i < to * channels; i++) {
            double factor = factors.data()[factors.offset() + i % channels];
            double sum = y.data()[y.offset() + i] + x.data()[x.offset() + i] * factor;
            y.data()[y.offset() + i] = (float) activation.apply(sum);
          }
        });
  }
}
