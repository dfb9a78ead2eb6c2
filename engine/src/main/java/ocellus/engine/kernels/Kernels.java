package ocellus.engine.kernels;

import static ocellus.engine.kernels.Checks.require;
import static ocellus.engine.kernels.Checks.requireBlocks;
import static ocellus.engine.kernels.Checks.requireBottleneck;
import static ocellus.engine.kernels.Checks.requireOutput;
import static ocellus.engine.kernels.Checks.requireSame;
import static ocellus.engine.kernels.Checks.requireVector;
import static ocellus.engine.kernels.Checks.requireWindow;

import java.lang.foreign.SegmentAllocator;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.scalar.ScalarKernels;
import ocellus.engine.kernels.simd.SimdKernels;

/**
 * The primitive operations, with their arguments checked; {@link KernelSet} says what each does.
 * Those of attention are in {@link AttentionKernels}.
 *
 * <p>Every method throws {@link IllegalArgumentException} where shapes do not fit together.
 * Thread-safe, as long as no two calls share a workspace or an output.
 */
public final class Kernels {
  private static final KernelSet KERNELS =
      KernelDecorator.apply(VectorWidth.BITS == 0 ? new ScalarKernels() : new SimdKernels());

  private static final KernelSet NONE = new ShapeKernels(KERNELS);

  private Kernels() {}

  /** Who does the work of a pass: nobody if it is only measured. */
  static KernelSet kernels(Workspace ws) {
    return ws.measures() ? NONE : KERNELS;
  }

  /** The kernels that these methods call. */
  static KernelSet active() {
    return KERNELS;
  }

  /**
   * The scalar kernels, which accumulate in double: what others can be checked against. They don't
   * check their arguments.
   */
  public static KernelSet reference() {
    return new ScalarKernels();
  }

  /**
   * Brings a matrix of {@code k} rows and {@code n} columns into the order that the kernels read.
   *
   * @param memory may give more than it is asked for, see {@link PackedMatrix#panels}
   * @param format which {@linkplain WeightFormat#holds holds} all elements
   */
  public static PackedMatrix pack(
      SegmentAllocator memory, WeightFormat format, int k, int n, PackedMatrix.Columns columns) {
    return PackedMatrix.pack(
        memory, format, k, n, KERNELS.panelWidth(), KERNELS.panelGranule(), columns);
  }

  /** As {@link #pack}, but only to learn what it would take: the matrix has no elements. */
  static PackedMatrix outline(WeightFormat format, int k, int n) {
    return PackedMatrix.outline(format, k, n, KERNELS.panelWidth(), KERNELS.panelGranule());
  }

  /** See {@link KernelSet#linear}. */
  public static void linear(
      Tensor x,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    require(x.channels() == w.k(), "linear: input", x, "channels", w.k());
    require(y.channels() == w.n(), "linear: output", y, "channels", w.n());
    require(y.rows() == x.rows(), "linear: output", y, "rows", x.rows());
    requireVector("linear: bias", bias, w.n());
    requireSame("linear: residual", residual, y);
    kernels(ws).linear(x, w, bias, residual, activation, y, ws);
  }

  /** See {@link KernelSet#scaledLinear}. */
  public static void scaledLinear(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    require(x.channels() == w.k(), "scaledLinear: input", x, "channels", w.k());
    requireVector("scaledLinear: factors", factors, w.k());
    require(y.channels() == w.n(), "scaledLinear: output", y, "channels", w.n());
    require(y.rows() == x.rows(), "scaledLinear: output", y, "rows", x.rows());
    requireVector("scaledLinear: bias", bias, w.n());
    requireSame("scaledLinear: residual", residual, y);
    kernels(ws).scaledLinear(x, factors, w, bias, residual, activation, y, ws);
  }

  /** See {@link KernelSet#conv2d}. */
  public static void conv2d(
      Tensor x,
      Window window,
      PackedMatrix[] w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    int inChannels = 0;
    int outChannels = 0;
    for (PackedMatrix group : w) {
      if (group.k() % window.taps() != 0) {
        throw new IllegalArgumentException(
            "conv2d: a matrix of " + group.k() + " rows for windows of " + window.taps());
      }
      inChannels += group.k() / window.taps();
      outChannels += group.n();
    }
    require(x.channels() == inChannels, "conv2d: input", x, "channels", inChannels);
    requireWindow("conv2d", x, window, y);
    require(y.channels() == outChannels, "conv2d: output", y, "channels", outChannels);
    requireVector("conv2d: bias", bias, outChannels);
    requireSame("conv2d: residual", residual, y);
    kernels(ws).conv2d(x, window, w, bias, residual, activation, y, ws);
  }

  /** See {@link KernelSet#winogradTiles}. */
  public static Winograd winogradTiles(int in, int out, int pixels) {
    return KERNELS.winogradTiles(in, out, pixels);
  }

  /** See {@link KernelSet#winogradConv2d}. */
  public static void winogradConv2d(
      Tensor x,
      Window window,
      Winograd tiles,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    if (!Winograd.covers(window)) {
      throw new IllegalArgumentException(
          "winogradConv2d: windows are not of 3x3 pixels, side by side: " + window);
    }
    if (w.k() != tiles.products() * x.channels()) {
      throw new IllegalArgumentException(
          "winogradConv2d: a matrix of %d rows for %s of %d channels"
              .formatted(w.k(), tiles, x.channels()));
    }
    requireWindow("winogradConv2d", x, window, y);
    require(y.channels() == w.n(), "winogradConv2d: output", y, "channels", w.n());
    requireVector("winogradConv2d: bias", bias, w.n());
    requireSame("winogradConv2d: residual", residual, y);
    kernels(ws).winogradConv2d(x, window, tiles, w, bias, residual, activation, y, ws);
  }

  /** See {@link KernelSet#convolvesGroupsOf}. */
  public static boolean convolvesGroupsOf(int channels) {
    return KERNELS.convolvesGroupsOf(channels);
  }

  /** See {@link KernelSet#groupedConv2d}. */
  public static void groupedConv2d(
      Tensor x,
      Window window,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    int group = w.k() / window.taps();
    if (w.k() % window.taps() != 0 || !KERNELS.convolvesGroupsOf(group) || w.n() % group != 0) {
      throw new IllegalArgumentException(
          "groupedConv2d: a matrix of %d x %d for windows of %d"
              .formatted(w.k(), w.n(), window.taps()));
    }
    require(x.channels() == w.n(), "groupedConv2d: input", x, "channels", w.n());
    requireWindow("groupedConv2d", x, window, y);
    require(y.channels() == w.n(), "groupedConv2d: output", y, "channels", w.n());
    requireVector("groupedConv2d: bias", bias, w.n());
    requireSame("groupedConv2d: residual", residual, y);
    kernels(ws).groupedConv2d(x, window, w, bias, residual, activation, y, ws);
  }

  /** See {@link KernelSet#depthwise}. */
  public static void depthwise(
      Tensor x,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    requireWindow("depthwise", x, window, y);
    require(y.channels() == x.channels(), "depthwise: output", y, "channels", x.channels());
    requireVector("depthwise: weight", w, window.taps() * x.channels());
    requireVector("depthwise: bias", bias, x.channels());
    kernels(ws).depthwise(x, window, w, bias, activation, y, ws);
  }

  /** Columns of a panel of packed weights, which are multiplied at once. */
  public static int panelWidth() {
    return KERNELS.panelWidth();
  }

  /** An uninitialised map in blocks, as {@link KernelSet#bottleneck} writes it. */
  public static Tensor blocks(int pixels, int channels, Workspace ws) {
    int block = KERNELS.panelWidth();
    return ws.tensor(Math.ceilDiv(channels, block), pixels, block);
  }

  /** See {@link KernelSet#bottleneck}. */
  public static void bottleneck(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    int channels = requireBottleneck(x, expansion, window, w, bias);
    requireBlocks("bottleneck: output", y, window.outPixels(), channels);
    kernels(ws).bottleneck(x, expansion, window, w, bias, activation, y, ws);
  }

  /** See {@link KernelSet#linearOfBlocks}. */
  public static void linearOfBlocks(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    requireBlocks("linearOfBlocks: input", x, y.rows(), w.k());
    if (factors != null) {
      requireVector("linearOfBlocks: factors", factors, w.k());
    }
    require(y.channels() == w.n(), "linearOfBlocks: output", y, "channels", w.n());
    requireVector("linearOfBlocks: bias", bias, w.n());
    requireSame("linearOfBlocks: residual", residual, y);
    kernels(ws).linearOfBlocks(x, factors, w, bias, residual, activation, y, ws);
  }

  /** See {@link KernelSet#invertedBottleneck}. */
  public static void invertedBottleneck(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      PackedMatrix projection,
      float[] projectionBias,
      Tensor residual,
      Tensor y,
      Workspace ws) {
    int channels = requireBottleneck(x, expansion, window, w, bias);
    if (projection.k() != channels) {
      throw new IllegalArgumentException(
          "invertedBottleneck: projection of " + projection.k() + " channels, not " + channels);
    }
    requireOutput("invertedBottleneck", window, y);
    require(
        y.channels() == projection.n(),
        "invertedBottleneck: output",
        y,
        "channels",
        projection.n());
    requireVector("invertedBottleneck: projection bias", projectionBias, projection.n());
    requireSame("invertedBottleneck: residual", residual, y);
    kernels(ws)
        .invertedBottleneck(
            x, expansion, window, w, bias, activation, projection, projectionBias, residual, y, ws);
  }

  /** See {@link KernelSet#averageBlocks}. */
  public static void averageBlocks(Tensor x, Tensor y, Workspace ws) {
    requireBlocks("averageBlocks: input", x, x.dim(1), y.channels());
    requireVector("averageBlocks: output", y, y.channels());
    if (x.dim(1) < 1) {
      throw new IllegalArgumentException("averageBlocks: no pixels in " + x);
    }
    kernels(ws).averageBlocks(x, y, ws);
  }

  /** See {@link KernelSet#layerNorm}. */
  public static void layerNorm(
      Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws) {
    requireSame("layerNorm: output", y, x);
    requireVector("layerNorm: weight", weight, x.channels());
    requireVector("layerNorm: bias", bias, x.channels());
    kernels(ws).layerNorm(x, weight, bias, epsilon, y, ws);
  }

  /** See {@link KernelSet#rmsNorm}. */
  public static void rmsNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    requireSame("rmsNorm: output", y, x);
    requireVector("rmsNorm: weight", weight, x.channels());
    kernels(ws).rmsNorm(x, weight, epsilon, y, ws);
  }

  /** See {@link KernelSet#simpleNorm}. */
  public static void simpleNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    require(x.channels() >= 2, "simpleNorm: input", x, "or more channels", 2);
    requireSame("simpleNorm: output", y, x);
    requireVector("simpleNorm: weight", weight, x.channels());
    kernels(ws).simpleNorm(x, weight, epsilon, y, ws);
  }

  /** See {@link KernelSet#softmax}. */
  public static void softmax(Tensor x, Workspace ws) {
    kernels(ws).softmax(x, ws);
  }

  /** See {@link KernelSet#activate}. */
  public static void activate(Activation activation, Tensor x, Workspace ws) {
    kernels(ws).activate(activation, x, ws);
  }

  /** See {@link KernelSet#gate}. */
  public static void gate(Tensor x, Activation activation, Tensor y, Workspace ws) {
    int n = y.channels();
    require(x.channels() == 2 * n, "gate: input", x, "channels", 2 * n);
    require(y.rows() == x.rows(), "gate: output", y, "rows", x.rows());
    kernels(ws).gate(x, activation, y, ws);
  }

  /** See {@link KernelSet#add}. */
  public static void add(Tensor x, Tensor y, Workspace ws) {
    requireSame("add: second operand", y, x);
    kernels(ws).add(x, y, ws);
  }

  /** See {@link KernelSet#scaleChannels}. */
  public static void scaleChannels(Tensor x, Tensor factors, Tensor y, Workspace ws) {
    requireSame("scaleChannels: output", y, x);
    requireVector("scaleChannels: factors", factors, x.channels());
    kernels(ws).scaleChannels(x, factors, y, ws);
  }

  /** See {@link KernelSet#channelLengths}. */
  public static void channelLengths(Tensor x, Tensor y, Workspace ws) {
    requireVector("channelLengths: output", y, x.channels());
    kernels(ws).channelLengths(x, y, ws);
  }

  /** See {@link KernelSet#addScaled}. */
  public static void addScaled(
      Tensor x, Tensor factors, Activation activation, Tensor y, Workspace ws) {
    requireSame("addScaled: output", y, x);
    requireVector("addScaled: factors", factors, x.channels());
    kernels(ws).addScaled(x, factors, activation, y, ws);
  }

  /** See {@link KernelSet#weightedSums}. */
  public static void weightedSums(Tensor weights, Tensor x, Tensor y, Workspace ws) {
    require(weights.channels() == x.rows(), "weightedSums: weights", weights, "columns", x.rows());
    require(y.channels() == x.channels(), "weightedSums: output", y, "channels", x.channels());
    require(y.rows() == weights.rows(), "weightedSums: output", y, "rows", weights.rows());
    kernels(ws).weightedSums(weights, x, y, ws);
  }

  /** See {@link KernelSet#averageRows}. */
  public static void averageRows(Tensor x, Tensor y, Workspace ws) {
    requireVector("averageRows: output", y, x.channels());
    if (x.rows() < 1) {
      throw new IllegalArgumentException("averageRows: no rows in " + x);
    }
    kernels(ws).averageRows(x, y, ws);
  }

  /** See {@link KernelSet#maxPool}. */
  public static void maxPool(Tensor x, Window window, Tensor y, Workspace ws) {
    requireWindow("maxPool", x, window, y);
    require(y.channels() == x.channels(), "maxPool: output", y, "channels", x.channels());
    kernels(ws).maxPool(x, window, y, ws);
  }

  /** See {@link KernelSet#averagePool}. */
  public static void averagePool(
      Tensor x, Window window, boolean countPadding, Tensor y, Workspace ws) {
    requireWindow("averagePool", x, window, y);
    require(y.channels() == x.channels(), "averagePool: output", y, "channels", x.channels());
    kernels(ws).averagePool(x, window, countPadding, y, ws);
  }
}
