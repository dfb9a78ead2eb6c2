package ocellus.engine.kernels;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/**
 * The primitive operations. {@link Kernels} is how they are called; it has checked every argument.
 *
 * <p>There are two implementations: {@code simd}, and {@code scalar}, which accumulates in double
 * and is what {@code simd} is tested against. In both, each element of the output is computed in
 * one fixed order, whatever the number of threads.
 *
 * <p>NaN and infinity in the input go where IEEE 754 arithmetic takes them: a NaN makes every
 * output NaN that depends on it, and no other. Padding counts as zeros that are multiplied like any
 * input, or that are left out, as the kernel likes: weights are finite.
 *
 * <p>No output overlaps an input unless it is said that it may be the same tensor.
 */
public interface KernelSet {
  /** Columns of a panel of {@link PackedMatrix} that these kernels want. */
  int panelWidth();

  /** What the width of a panel must be a multiple of. */
  int panelGranule();

  /**
   * Fully connected layer, {@code y = activation(x W + bias + residual)}.
   *
   * @param x {@code [.., k]}
   * @param w k x n
   * @param bias n elements, or null
   * @param residual of y's shape, or null; may be y itself
   * @param y {@code [.., n]}
   */
  void linear(
      Tensor x,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws);

  /**
   * {@link #linear} of what has each channel multiplied with its factor first, {@code activation((x
   * factors) W^T + bias + residual)}.
   *
   * @param factors {@code [k]}
   */
  default void scaledLinear(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    Workspace.Mark mark = ws.mark();
    Tensor scaled = ws.like(x);
    scaleChannels(x, factors, scaled, ws);
    linear(scaled, w, bias, residual, activation, y, ws);
    ws.release(mark);
  }

  /**
   * Convolution, {@code y = activation(x * w + bias + residual)}.
   *
   * @param x {@code [inHeight, inWidth, the channels of all matrices]}
   * @param w one matrix per group: row (ky, kx, cin), column cout; groups may differ in size
   * @param bias an element for each column of the matrices, or null
   * @param residual of y's shape, or null; may be y itself
   * @param y {@code [outHeight, outWidth, the columns of all matrices]}
   */
  void conv2d(
      Tensor x,
      Window window,
      PackedMatrix[] w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws);

  /** Whether {@link #groupedConv2d} is for groups of so many channels. */
  boolean convolvesGroupsOf(int channels);

  /**
   * Convolution in small groups, {@code y = activation(x * w + bias + residual)}, each of as many
   * output channels as input channels, see {@link #convolvesGroupsOf}. Groups don't touch: a NaN
   * stays in its own.
   *
   * @param x {@code [inHeight, inWidth, c]}
   * @param w c columns, a column for each output channel; row (ky, kx, i) is for channel i of its
   *     group, so that there are kernelHeight * kernelWidth * (channels of a group) rows
   * @param bias c elements, or null
   * @param residual of y's shape, or null; may be y itself
   * @param y {@code [outHeight, outWidth, c]}
   */
  void groupedConv2d(
      Tensor x,
      Window window,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws);

  /**
   * How these kernels had better compute a 3x3 convolution of so many channels whose windows move
   * pixel by pixel: by {@link #winogradConv2d} with such tiles; null for {@link #conv2d}.
   *
   * @param pixels of the maps that it is meant for
   */
  Winograd winogradTiles(int in, int out, int pixels);

  /**
   * {@link #conv2d} of windows of 3x3 pixels that move pixel by pixel, by minimal filtering: fewer
   * multiplications, and errors relative to the largest input of a tile. So a NaN or an infinity of
   * the input may make NaN of what other windows of its tiles see.
   *
   * @param w filters that were {@linkplain Winograd#transform transformed}: row (i, j, cin), column
   *     cout
   */
  void winogradConv2d(
      Tensor x,
      Window window,
      Winograd tiles,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws);

  /**
   * Depthwise convolution, each channel with its own window, {@code y = activation(x * w + bias)}.
   *
   * @param x {@code [inHeight, inWidth, c]}
   * @param w {@code [kernelHeight, kernelWidth, c]}
   * @param bias c elements, or null
   * @param y {@code [outHeight, outWidth, c]}
   */
  void depthwise(
      Tensor x,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws);

  /**
   * The wide half of an inverted bottleneck (Sandler et al. 2018, table 1): expansion of the
   * channels and depthwise convolution, {@code y = activation(expansion(x) * w + bias)}.
   *
   * @param x {@code [inHeight, inWidth, cin]}
   * @param expansion from cin to c channels, or null for none
   * @param w {@code [kernelHeight, kernelWidth, c]}
   * @param bias c elements, or null
   * @param y a map in blocks, {@code [ceil(c / block), outHeight * outWidth, block]}: channel i of
   *     pixel p is element {@code [i / block, p, i % block]}; what it holds for channels from c on
   *     is undefined. A block has {@link #panelWidth} channels
   */
  void bottleneck(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws);

  /**
   * {@link #linear} of a map in blocks, as {@link #bottleneck} makes them, whose channels are
   * multiplied by factors: squeeze-and-excitation without a pass over the map.
   *
   * @param x {@code [ceil(k / block), pixels, block]}
   * @param factors {@code [k]}, or null for ones
   * @param y {@code [.., n]}, as many rows as x has pixels
   */
  void linearOfBlocks(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws);

  /**
   * An inverted bottleneck with nothing between its depthwise convolution and its projection:
   * {@link #bottleneck}, then {@link #linearOfBlocks} without factors or activation.
   *
   * @param projection from c to n channels
   * @param projectionBias n elements, or null
   * @param residual of y's shape, or null
   * @param y {@code [outHeight, outWidth, n]}; may be residual, but not x
   */
  default void invertedBottleneck(
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
    Workspace.Mark mark = ws.mark();
    int block = panelWidth();
    Tensor h = ws.tensor(Math.ceilDiv(projection.k(), block), window.outPixels(), block);
    bottleneck(x, expansion, window, w, bias, activation, h, ws);
    Activation none = Activation.IDENTITY;
    linearOfBlocks(h, null, projection, projectionBias, residual, none, y, ws);
    ws.release(mark);
  }

  /**
   * Mean over the pixels of a map in blocks, as {@link #bottleneck} makes them.
   *
   * @param x {@code [ceil(c / block), pixels, block]}, at least one pixel
   * @param y {@code [c]}
   */
  void averageBlocks(Tensor x, Tensor y, Workspace ws);

  /**
   * Layer normalisation of each row (Ba et al. 2016), {@code y = (x - mean) / sqrt(var + epsilon)
   * weight + bias}, with the biased variance.
   *
   * @param weight c elements, or null for ones
   * @param bias c elements, or null for zeros
   * @param y of x's shape; may be x
   */
  void layerNorm(Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws);

  /**
   * Root-mean-square normalisation of each row (Zhang and Sennrich 2019), {@code y = x /
   * sqrt(mean(x^2) + epsilon) weight}.
   *
   * @param weight c elements, or null for ones
   * @param y of x's shape; may be x
   */
  void rmsNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws);

  /**
   * Division of each row by its standard deviation (timm's {@code SimpleNorm}), {@code y = x /
   * sqrt(var + epsilon) weight}, with the unbiased variance. The mean is not subtracted.
   *
   * @param x {@code [.., c]}, at least two channels
   * @param weight c elements, or null for ones
   * @param y of x's shape; may be x
   */
  void simpleNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws);

  /**
   * Softmax of each row, in place. A row with a NaN or +infinity, or of -infinity alone, becomes
   * NaN as a whole.
   */
  void softmax(Tensor x, Workspace ws);

  /**
   * Multi-head self-attention, {@code softmax(q k^T scale + bias) v} for each head. The softmax is
   * that of {@link #softmax}.
   *
   * @param qkv {@code [tokens, 3 * dim]}: q, k and v of all heads, heads one after the other in
   *     each
   * @param heads divides dim
   * @param bias null for zeros
   * @param y {@code [tokens, dim]}
   */
  void attention(Tensor qkv, int heads, float scale, AttentionBias bias, Tensor y, Workspace ws);

  /**
   * {@link #attention} of each token to itself and those before it: the bias is -infinity behind
   * the diagonal. Whether a NaN or an infinity among the values of a token is seen by those before
   * it is undefined.
   */
  void causalAttention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws);

  /**
   * {@link #attention} within each of some windows, with its bias.
   *
   * @param qkv {@code [rows, 3 * dim]}, with the rows that the windows name
   * @param y {@code [windows.outputs(), dim]}
   */
  void windowAttention(
      Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws);

  /**
   * Divides the queries and keys of each head by their lengths, in place, for attention to their
   * cosines: {@code q = q factor / max(|q|, 1e-12)}, {@code k = k / max(|k|, 1e-12)}. Squares must
   * be within the range of a float.
   *
   * @param qkv {@code [tokens, 3 * dim]}, as for {@link #attention}; the values stay as they are
   * @param heads divides dim
   * @param factors one for each head
   */
  void normalizeHeads(Tensor qkv, int heads, float[] factors, Workspace ws);

  /**
   * Turns the two halves of each query and key like the coordinates of a point (Su et al. 2021), in
   * place: {@code (a, b) = (a cos - b sin, b cos + a sin)}, a and b being channels i and i + width
   * / 2 of a head.
   *
   * @param qkv {@code [tokens, 3 * dim]}, as in {@link #attention}
   * @param heads divides dim, into an even number of channels
   * @param cosines {@code [tokens, dim / heads / 2]}, for all heads alike
   * @param sines as cosines
   */
  void rotate(Tensor qkv, int heads, float[] cosines, float[] sines, Workspace ws);

  /**
   * Multi-query attention (Shazeer 2019), {@code softmax(q k^T scale) v} for each head, with the
   * same keys and values for all. The softmax is that of {@link #softmax}.
   *
   * @param q {@code [.., heads * width]}
   * @param keysAndValues {@code [2, keys, width]}, at least one key
   * @param y of q's shape
   */
  void multiQueryAttention(Tensor q, Tensor keysAndValues, float scale, Tensor y, Workspace ws);

  /** {@code x = activation(x)}, to about the precision of a float; see {@link Activation}. */
  void activate(Activation activation, Tensor x, Workspace ws);

  /**
   * Gated linear unit (Shazeer 2020), {@code y[.., c] = activation(x[.., c]) x[.., n + c]}.
   *
   * @param x {@code [.., 2 n]}: in each row the gate, then what it lets through
   * @param y {@code [.., n]}
   */
  void gate(Tensor x, Activation activation, Tensor y, Workspace ws);

  /** {@code x = x + y}. */
  void add(Tensor x, Tensor y, Workspace ws);

  /**
   * Multiplies each channel by its factor, {@code y[.., c] = x[.., c] factors[c]}.
   *
   * @param y of x's shape; may be x
   */
  void scaleChannels(Tensor x, Tensor factors, Tensor y, Workspace ws);

  /**
   * The Euclidean length of each channel over all rows, {@code y[c] = sqrt(sum(x[.., c]^2))}.
   * Squares must be within the range of a float.
   *
   * @param x {@code [.., c]}
   * @param y {@code [c]}
   */
  void channelLengths(Tensor x, Tensor y, Workspace ws);

  /**
   * Adds what is multiplied by a factor for each channel, {@code y[.., c] = activation(y[.., c] +
   * x[.., c] factors[c])}: the end of a residual block with squeeze-and-excitation.
   *
   * @param y of x's shape
   */
  void addScaled(Tensor x, Tensor factors, Activation activation, Tensor y, Workspace ws);

  /**
   * Weighted sums of all rows, {@code y[i, c]} = sum over r of {@code weights[i, r] x[r, c]}: a
   * product of two activations, of few rows on the left.
   *
   * @param weights {@code [sums, rows]}
   * @param x {@code [rows, c]}
   * @param y {@code [sums, c]}
   */
  void weightedSums(Tensor weights, Tensor x, Tensor y, Workspace ws);

  /**
   * Mean over all rows.
   *
   * @param x {@code [.., c]}, at least one row
   * @param y {@code [c]}
   */
  void averageRows(Tensor x, Tensor y, Workspace ws);

  /**
   * Maximum over those pixels of a window that are inside of the map: NaN if one of them is,
   * -infinity if there are none.
   *
   * @param x {@code [inHeight, inWidth, c]}
   * @param y {@code [outHeight, outWidth, c]}
   */
  void maxPool(Tensor x, Window window, Tensor y, Workspace ws);

  /**
   * Mean over a window; 0 if it is wholly outside of the map.
   *
   * @param countPadding whether pixels outside of the map count as zeros (PyTorch's {@code
   *     count_include_pad}), so that the sum is always divided by the number of taps, or not at all
   */
  void averagePool(Tensor x, Window window, boolean countPadding, Tensor y, Workspace ws);
}
