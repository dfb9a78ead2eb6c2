package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.BYTES;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import java.lang.foreign.MemorySegment;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;

/**
 * Convolution in groups that fill a vector, some of them or one, or a panel. As in depthwise
 * convolution, a vector of outputs sees the same vector of inputs, or those of the same panel,
 * spread in one way for each channel of a group: see {@link GroupTiles}. Nothing is multiplied that
 * is not needed, and no lane sees another group.
 */
final class GroupedConv extends BandConv {
  private PackedMatrix w;
  private Panels panels;
  private float[] bias;
  private Window window;
  private int group;
  private float[] lanes;

  void run(
      Tensor x,
      Window window,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    this.w = w;
    this.panels = Panels.of(ws);
    this.bias = bias;
    this.window = window;
    this.group = w.k() / window.taps();
    this.lanes = GroupLanes.of(group);
    convolve(x, window, residual, activation, y, ws);
    this.w = null;
    this.panels = null;
    this.bias = null;
    this.window = null;
  }

  @Override
  int terms() {
    return w.k();
  }

  /** The bias of a panel. */
  @Override
  int weightFloats() {
    return TILE_COLUMNS;
  }

  @Override
  void open(int channel, int valid, float[] scratch, int at, int worker) {
    Rows.clear(scratch, at, TILE_COLUMNS);
    if (bias != null) {
      System.arraycopy(bias, channel, scratch, at, valid);
    }
    panels.open(worker, w, channel / TILE_COLUMNS).seekAll();
  }

  @Override
  void outputRow(
      int v, float[] scratch, int in, int weightsAt, float[] to, int at, int stride, int worker) {
    Panels.Panel panel = panels.opened(worker);
    MemorySegment b = panel.floats();
    long pitch = panel.rowFloatBytes();
    long bo = panel.at() + (long) v * BYTES;
    int bias = weightsAt + v * LANES;
    int first = group > LANES ? in - v * LANES : in; // of the group's channels
    int width = window.outWidth();
    int sx = window.strideX() * TILE_COLUMNS;
    int largest = hasTiles() ? GroupTiles.largest(window.strideX(), width) : 0;
    if (largest == 0) {
      int stepY = window.dilationY() * band.rowFloats();
      int stepX = window.dilationX() * TILE_COLUMNS;
      int height = window.kernelHeight();
      int kernel = window.kernelWidth();
      for (int ox = 0; ox < width; ox++) {
        int from = first + ox * sx;
        int out = at + ox * stride;
        GroupPixels.pixel(
            height, kernel, scratch, from, stepY, stepX, lanes, group, b, bo, pitch, scratch, bias,
            to, out);
      }
      return;
    }
    int row = band.rowFloats();
    for (int done = 0; done < width; ) {
      int tile = GroupTiles.largest(window.strideX(), width - done);
      if (tile == 0) {
        // A few pixels are left: the largest tile once more, over pixels that are computed already.
        tile = largest;
        done = width - tile;
      }
      int from = first + done * sx;
      int out = at + done * stride;
      GroupTiles.run(
          window.strideX(),
          tile,
          scratch,
          from,
          row,
          lanes,
          group,
          b,
          bo,
          pitch,
          scratch,
          bias,
          to,
          out,
          stride);
      done += tile;
    }
  }

  private boolean hasTiles() {
    return window.kernelHeight() == GroupTiles.KERNEL
        && window.kernelWidth() == GroupTiles.KERNEL
        && window.dilationY() == 1
        && window.dilationX() == 1;
  }
}
