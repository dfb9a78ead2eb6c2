package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WeightFormat;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Winograd;
import ocellus.engine.kernels.scalar.ScalarKernels;

/** The kernels on vectors of the width that {@link Vectors} has chosen. */
public final class SimdKernels implements KernelSet {
  /** For heads that no known architecture has. */
  private static final KernelSet WIDE_HEADS = new ScalarKernels();

  /** Has the kernels compiled that take long to compile; see {@link Upgrade}. */
  public static void upgrade() {
    Upgrade.hurry();
  }

  @Override
  public int panelWidth() {
    return Vectors.TILE_COLUMNS;
  }

  @Override
  public int panelGranule() {
    return LANES;
  }

  @Override
  public void linear(
      Tensor x,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    float[] added = residual == null ? null : residual.data();
    int addedAt = residual == null ? 0 : residual.offset();
    if (x.rows() == 1 && w.format() == WeightFormat.F32) {
      ws.reusable(Gemv.class, Gemv::new)
          .multiply(
              x.data(), x.offset(), w, bias, added, addedAt, activation, y.data(), y.offset(), ws);
      return;
    }
    ws.reusable(LinearGemm.class, LinearGemm::new)
        .of(x.data(), x.offset(), w.k())
        .multiply(
            x.rows(), w, bias, 0, added, addedAt, activation, y.data(), y.offset(), w.n(), ws);
  }

  @Override
  public void scaledLinear(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    ws.reusable(ScaledGemm.class, ScaledGemm::new)
        .of(x.data(), x.offset(), w.k(), factors.data(), factors.offset())
        .multiply(
            x.rows(),
            w,
            bias,
            0,
            residual == null ? null : residual.data(),
            residual == null ? 0 : residual.offset(),
            activation,
            y.data(),
            y.offset(),
            w.n(),
            ws);
  }

  @Override
  public void conv2d(
      Tensor x,
      Window window,
      PackedMatrix[] w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    if (w.length == 1 && residual == null && WindowConv.canRun(window, x.channels())) {
      ws.reusable(WindowConv.class, WindowConv::new).run(x, window, w[0], bias, activation, y, ws);
      return;
    }
    ConvGemm gemm = ws.reusable(ConvGemm.class, ConvGemm::new);
    int channel = 0;
    int column = 0;
    for (int g = 0; g < w.length; g++) {
      int groupChannels = w[g].k() / window.taps();
      gemm.of(x.data(), x.offset(), window, x.channels(), channel, groupChannels, w.length)
          .multiply(
              window.outPixels(),
              w[g],
              bias,
              column,
              residual == null ? null : residual.data(),
              residual == null ? 0 : residual.offset() + column,
              activation,
              y.data(),
              y.offset() + column,
              y.channels(),
              ws);
      channel += groupChannels;
      column += w[g].n();
    }
  }

  @Override
  public Winograd winogradTiles(int in, int out, int pixels) {
    return WinogradConv.tilesFor(in, out, pixels);
  }

  @Override
  public void winogradConv2d(
      Tensor x,
      Window window,
      Winograd tiles,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    ws.reusable(WinogradConv.class, WinogradConv::new)
        .run(x, window, tiles, w, bias, residual, activation, y, ws);
  }

  @Override
  public boolean convolvesGroupsOf(int channels) {
    return GroupLanes.covers(channels);
  }

  @Override
  public void groupedConv2d(
      Tensor x,
      Window window,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    ws.reusable(GroupedConv.class, GroupedConv::new)
        .run(x, window, w, bias, residual, activation, y, ws);
  }

  @Override
  public void depthwise(
      Tensor x,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    ws.reusable(Depthwise.class, Depthwise::new).run(x, window, w, bias, activation, y, ws);
  }

  @Override
  public void bottleneck(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    ws.reusable(Bottleneck.class, Bottleneck::new)
        .run(x, expansion, window, w, bias, activation, y, ws);
  }

  @Override
  public void linearOfBlocks(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    ws.reusable(BlockGemm.class, BlockGemm::new)
        .of(x, factors)
        .multiply(
            y.rows(),
            w,
            bias,
            0,
            residual == null ? null : residual.data(),
            residual == null ? 0 : residual.offset(),
            activation,
            y.data(),
            y.offset(),
            w.n(),
            ws);
  }

  @Override
  public void invertedBottleneck(
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
    if (ProjectedBottleneck.canRun(window, projection)) {
      ws.reusable(ProjectedBottleneck.class, ProjectedBottleneck::new)
          .run(
              x,
              expansion,
              window,
              w,
              bias,
              activation,
              projection,
              projectionBias,
              residual,
              y,
              ws);
    } else {
      KernelSet.super.invertedBottleneck(
          x, expansion, window, w, bias, activation, projection, projectionBias, residual, y, ws);
    }
  }

  @Override
  public void averageBlocks(Tensor x, Tensor y, Workspace ws) {
    ws.reusable(Means.class, Means::new).ofBlocks(x, y, ws);
  }

  @Override
  public void layerNorm(
      Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws) {
    ws.reusable(Norms.class, Norms::new).run(Norms.Kind.LAYER, x, weight, bias, epsilon, y, ws);
  }

  @Override
  public void rmsNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    ws.reusable(Norms.class, Norms::new).run(Norms.Kind.RMS, x, weight, null, epsilon, y, ws);
  }

  @Override
  public void simpleNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    ws.reusable(Norms.class, Norms::new).run(Norms.Kind.SIMPLE, x, weight, null, epsilon, y, ws);
  }

  @Override
  public void softmax(Tensor x, Workspace ws) {
    int channels = x.channels();
    float[] spare = ws.scratch(0, LANES);
    for (int r = 0; channels > 0 && r < x.rows(); r++) {
      Softmax.apply(x.data(), x.offset() + r * channels, channels, spare);
    }
  }

  @Override
  public void attention(
      Tensor qkv, int heads, float scale, AttentionBias bias, Tensor y, Workspace ws) {
    if (y.channels() / heads > AttentionTile.WIDEST_HEAD) {
      WIDE_HEADS.attention(qkv, heads, scale, bias, y, ws);
    } else {
      ws.reusable(Attention.class, Attention::new).run(qkv, heads, scale, bias, y, ws);
    }
  }

  @Override
  public void causalAttention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    if (y.channels() / heads > AttentionTile.WIDEST_HEAD) {
      WIDE_HEADS.causalAttention(qkv, heads, scale, y, ws);
    } else {
      ws.reusable(Attention.class, Attention::new).runCausal(qkv, heads, scale, y, ws);
    }
  }

  @Override
  public void multiQueryAttention(
      Tensor q, Tensor keysAndValues, float scale, Tensor y, Workspace ws) {
    if (keysAndValues.channels() > AttentionTile.WIDEST_HEAD) {
      WIDE_HEADS.multiQueryAttention(q, keysAndValues, scale, y, ws);
    } else {
      ws.reusable(MultiQueryAttention.class, MultiQueryAttention::new)
          .run(q, keysAndValues, scale, y, ws);
    }
  }

  @Override
  public void windowAttention(
      Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws) {
    if (y.channels() / heads > AttentionTile.WIDEST_HEAD) {
      WIDE_HEADS.windowAttention(qkv, windows, heads, scale, y, ws);
    } else {
      ws.reusable(Attention.class, Attention::new).run(qkv, windows, heads, scale, y, ws);
    }
  }

  @Override
  public void normalizeHeads(Tensor qkv, int heads, float[] factors, Workspace ws) {
    ws.reusable(HeadNorms.class, HeadNorms::new).run(qkv, heads, factors, ws);
  }

  @Override
  public void rotate(Tensor qkv, int heads, float[] cosines, float[] sines, Workspace ws) {
    ws.reusable(Rotation.class, Rotation::new).run(qkv, heads, cosines, sines, ws);
  }

  @Override
  public void activate(Activation activation, Tensor x, Workspace ws) {
    Activations.apply(activation, x.data(), x.offset(), x.size(), ws.scratch(0, LANES));
  }

  @Override
  public void gate(Tensor x, Activation activation, Tensor y, Workspace ws) {
    ws.reusable(Gates.class, Gates::new).run(x, activation, y, ws);
  }

  @Override
  public void add(Tensor x, Tensor y, Workspace ws) {
    Elementwise.sum(x.data(), x.offset(), y.data(), y.offset(), x.data(), x.offset(), x.size());
  }

  @Override
  public void scaleChannels(Tensor x, Tensor factors, Tensor y, Workspace ws) {
    int channels = x.channels();
    for (int r = 0; r < x.rows(); r++) {
      Elementwise.product(
          x.data(),
          x.offset() + r * channels,
          factors.data(),
          factors.offset(),
          y.data(),
          y.offset() + r * channels,
          channels);
    }
  }

  @Override
  public void channelLengths(Tensor x, Tensor y, Workspace ws) {
    ws.reusable(ChannelLengths.class, ChannelLengths::new).run(x, y, ws);
  }

  @Override
  public void addScaled(Tensor x, Tensor factors, Activation activation, Tensor y, Workspace ws) {
    ws.reusable(ScaledSum.class, ScaledSum::new).run(x, factors, activation, y, ws);
  }

  @Override
  public void weightedSums(Tensor weights, Tensor x, Tensor y, Workspace ws) {
    ws.reusable(WeightedSums.class, WeightedSums::new).run(weights, x, y, ws);
  }

  @Override
  public void averageRows(Tensor x, Tensor y, Workspace ws) {
    ws.reusable(Means.class, Means::new).ofRows(x, y, ws);
  }

  @Override
  public void maxPool(Tensor x, Window window, Tensor y, Workspace ws) {
    ws.reusable(Pooling.class, Pooling::new).max(x, window, y, ws);
  }

  @Override
  public void averagePool(Tensor x, Window window, boolean countPadding, Tensor y, Workspace ws) {
    ws.reusable(Pooling.class, Pooling::new).average(x, window, countPadding, y, ws);
  }
}
