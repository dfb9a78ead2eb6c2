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

  static void gate(Tensor x, Activation activation, Tensor y, Workspace ws) {
    int n = y.channels();
    Blocks.run(
        ws,
        y.rows(),
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int gate = x.offset() + row * 2 * n;
            int out = y.offset() + row * n;
            for (int c = 0; c < n; c++) {
              double open = activation.apply(x.data()[gate + c]);
              y.data()[out + c] = (float) (open * x.data()[gate + n + c]);
            }
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

  static void rotate(Tensor qkv, int heads, float[] cosines, float[] sines, Workspace ws) {
    int channels = qkv.channels();
    int half = channels / 3 / heads / 2;
    Blocks.run(
        ws,
        qkv.rows(),
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int start = qkv.offset() + row * channels;
            for (int i = 0; i < 2 * heads * half; i++) {
              int p = start + i / half * 2 * half + i % half;
              int angle = row * half + i % half;
              double a = qkv.data()[p];
              double b = qkv.data()[p + half];
              qkv.data()[p] = (float) (a * cosines[angle] - b * sines[angle]);
              qkv.data()[p + half] = (float) (b * cosines[angle] + a * sines[angle]);
            }
          }
        });
  }
}
