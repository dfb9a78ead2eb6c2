package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.kernels.WeightFormat;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.kernels.Winograd;

/**
 * Convolution over {@code [height, width, channels]}, with whatever {@link Affine} follows it
 * folded in and an activation. Immutable, thread-safe.
 *
 * <p>A 1x1 convolution is computed as a matrix product, one group per channel as a depthwise
 * convolution, small groups by a kernel of their own, 3x3 pixels at stride 1 by minimal filtering
 * where that pays, everything else by packing windows.
 */
public final class Conv2d {
  /**
   * What a convolution looks like. Made by {@link #of}, refined by the methods of the same names.
   */
  public record Spec(
      int in,
      int out,
      int kernelHeight,
      int kernelWidth,
      int stride,
      int dilation,
      int groups,
      Padding padding,
      int pixels) {
    private static final int UNKNOWN = Integer.MAX_VALUE;

    /** A square kernel. Stride, dilation and groups 1, no padding. */
    public static Spec of(int in, int out, int kernel) {
      return new Spec(in, out, kernel, kernel, 1, 1, 1, new Padding.Fixed(0), UNKNOWN);
    }

    /** A kernel of any shape, padded so that stride 1 keeps the size where it is odd. */
    public static Spec oblong(int in, int out, int kernelHeight, int kernelWidth) {
      return new Spec(in, out, kernelHeight, kernelWidth, 1, 1, 1, new Padding.Half(), UNKNOWN);
    }

    /** One group per channel, padded so that stride 1 keeps the size (PyTorch's usual padding). */
    public static Spec depthwise(int channels, int kernel) {
      return of(channels, channels, kernel).groups(channels).padding(kernel / 2);
    }

    public Spec stride(int stride) {
      return new Spec(
          in, out, kernelHeight, kernelWidth, stride, dilation, groups, padding, pixels);
    }

    public Spec dilation(int dilation) {
      return new Spec(
          in, out, kernelHeight, kernelWidth, stride, dilation, groups, padding, pixels);
    }

    public Spec groups(int groups) {
      return new Spec(
          in, out, kernelHeight, kernelWidth, stride, dilation, groups, padding, pixels);
    }

    public Spec padding(int pixels) {
      return padding(new Padding.Fixed(pixels));
    }

    public Spec padding(Padding padding) {
      return new Spec(
          in, out, kernelHeight, kernelWidth, stride, dilation, groups, padding, pixels);
    }

    /**
     * Of the maps it is meant for: this decides how it is computed. Large maps, if nothing is said;
     * maps of other sizes only take longer.
     */
    public Spec pixels(int pixels) {
      return new Spec(
          in, out, kernelHeight, kernelWidth, stride, dilation, groups, padding, pixels);
    }

    /** Height and width of a square kernel. */
    public int kernel() {
      if (kernelHeight != kernelWidth) {
        throw new IllegalStateException("the kernel is not square: " + this);
      }
      return kernelHeight;
    }

    /** Elements of a filter for one channel. */
    int area() {
      return kernelHeight * kernelWidth;
    }

    boolean isDepthwise() {
      return groups == in && groups == out;
    }

    /** Whether the groups, of as many outputs as inputs, have a kernel of their own. */
    boolean hasSmallGroups() {
      return groups > 1 && in == out && !isDepthwise() && Kernels.convolvesGroupsOf(in / groups);
    }

    WarmUp.Call call() {
      if (isDepthwise()) {
        return WarmUp.Call.DEPTHWISE;
      }
      if (hasSmallGroups()) {
        return WarmUp.Call.GROUPED_CONVOLUTION;
      }
      return isPointwise() ? WarmUp.Call.LINEAR : WarmUp.Call.CONVOLUTION;
    }

    boolean isPointwise() {
      return area() == 1 && stride == 1 && groups == 1 && padding.equals(new Padding.Fixed(0));
    }
  }

  private final Spec spec;
  private final boolean pointwise;
  private final Winograd tiles; // null for a direct sum
  private final PackedMatrix[] weight; // null if depthwise
  private final float[] taps; // [kernel, kernel, channels]; null unless depthwise
  private final float[] bias;
  private final Activation activation;
  private Window lastWindow; // a cache; any thread's value serves

  /** {@code weight [out, in / groups, kernel, kernel]} and {@code bias [out]} of the scope. */
  public Conv2d(Spec spec, WeightScope w) {
    this(spec, w, Affine.bias(w, spec.out), Activation.IDENTITY);
  }

  /** {@code weight} of the scope, followed by {@code affine} and {@code activation}. */
  public Conv2d(Spec spec, WeightScope w, Affine affine, Activation activation) {
    this.spec = spec;
    this.pointwise = spec.isPointwise();
    this.activation = activation;
    this.bias = affine.bias();
    Weight kernel =
        w.tensor("weight", spec.out, spec.in / spec.groups, spec.kernelHeight, spec.kernelWidth);
    Winograd filtering = filtering(spec);
    boolean isWhole = w.format(affine.formatOf(kernel)) == WeightFormat.F32;
    this.tiles = isWhole ? filtering : null;
    WarmUp.expect(tiles == null ? spec.call() : WarmUp.Call.WINOGRAD, activation);
    if (spec.isDepthwise()) {
      this.weight = null;
    } else if (filtering == null) {
      this.weight = pack(spec, w, kernel, affine);
    } else {
      PackedMatrix.Columns columns =
          isWhole ? transformed(filtering, spec, kernel, affine) : columns(spec, kernel, affine, 0);
      int transformedRows = filtering.products() * spec.in;
      PackedMatrix matrix =
          w.pack(
              kernel,
              affine.formatOf(kernel),
              transformedRows,
              spec.area() * spec.in,
              spec.out,
              columns);
      this.weight = new PackedMatrix[] {matrix};
    }
    this.taps = spec.isDepthwise() ? channelsLast(spec, kernel, affine) : null;
  }

  /**
   * The tiles of a convolution that minimal filtering makes faster; null for a direct sum. Weights
   * of 16 bits are summed directly all the same: transformed, they would be rounded once more.
   */
  private static Winograd filtering(Spec spec) {
    boolean fits =
        spec.kernelHeight == Winograd.KERNEL
            && spec.kernelWidth == Winograd.KERNEL
            && spec.stride == 1
            && spec.dilation == 1
            && spec.groups == 1;
    return fits ? Kernels.winogradTiles(spec.in, spec.out, spec.pixels) : null;
  }

  private static PackedMatrix.Columns transformed(
      Winograd tiles, Spec spec, Weight kernel, Affine affine) {
    float[] filters = new float[spec.in * spec.area()];
    return (cout, target, offset) -> {
      kernel.read((long) cout * filters.length, filters, 0, filters.length);
      affine.scale(cout, filters, 0, filters.length);
      tiles.transform(filters, spec.in, target, offset);
    };
  }

  /**
   * One matrix for each group, or one for all if they are small. Column cout holds its filter in
   * the order (ky, kx, cin).
   */
  private static PackedMatrix[] pack(Spec spec, WeightScope w, Weight kernel, Affine affine) {
    PackedMatrix[] matrices = new PackedMatrix[spec.hasSmallGroups() ? 1 : spec.groups];
    int columns = spec.out / matrices.length;
    for (int m = 0; m < matrices.length; m++) {
      matrices[m] = pack(spec, w, kernel, affine, m * columns, columns);
    }
    return matrices;
  }

  private static PackedMatrix pack(
      Spec spec, WeightScope w, Weight kernel, Affine affine, int first, int columns) {
    return w.pack(
        kernel,
        affine.formatOf(kernel),
        spec.in / spec.groups * spec.area(),
        columns,
        columns(spec, kernel, affine, first));
  }

  /** The filters from output channel {@code first} on. */
  private static PackedMatrix.Columns columns(Spec spec, Weight kernel, Affine affine, int first) {
    int in = spec.in / spec.groups;
    int area = spec.area();
    float[] filter = new float[in * area];
    return (column, target, offset) -> {
      int cout = first + column;
      kernel.read((long) cout * filter.length, filter, 0, filter.length);
      affine.scale(cout, filter, 0, filter.length);
      for (int c = 0; c < in; c++) {
        for (int tap = 0; tap < area; tap++) {
          target[offset + tap * in + c] = filter[c * area + tap];
        }
      }
    };
  }

  private static float[] channelsLast(Spec spec, Weight kernel, Affine affine) {
    int area = spec.area();
    float[] filters = kernel.toArray(); // [channel][tap]
    float[] taps = new float[filters.length];
    for (int c = 0; c < spec.out; c++) {
      affine.scale(c, filters, c * area, area);
      for (int tap = 0; tap < area; tap++) {
        taps[tap * spec.out + c] = filters[c * area + tap];
      }
    }
    return taps;
  }

  /**
   * @param x {@code [height, width, in]}
   * @return {@code [outHeight, outWidth, out]}, from the workspace
   */
  public Tensor forward(Tensor x, Workspace ws) {
    return forward(x, null, ws);
  }

  /** {@code activation(conv(x) + residual)}; see {@link #forward(Tensor, Workspace)}. */
  public Tensor forward(Tensor x, Tensor residual, Workspace ws) {
    Window window = window(x.dim(0), x.dim(1));
    Tensor y = ws.tensor(window.outHeight(), window.outWidth(), spec.out);
    forward(x, residual, y, ws);
    return y;
  }

  /**
   * {@code y = activation(conv(x) + residual)}, into a tensor of the caller.
   *
   * @param residual null for none
   * @param y {@code [outHeight, outWidth, out]}; may be {@code residual}, but not {@code x}
   */
  public void forward(Tensor x, Tensor residual, Tensor y, Workspace ws) {
    if (taps != null) {
      if (residual != null) {
        throw new IllegalArgumentException("a depthwise convolution takes no residual");
      }
      Kernels.depthwise(x, window(x.dim(0), x.dim(1)), taps, bias, activation, y, ws);
    } else if (pointwise) {
      Kernels.linear(x, weight[0], bias, residual, activation, y, ws);
    } else if (tiles != null) {
      Window window = window(x.dim(0), x.dim(1));
      Kernels.winogradConv2d(x, window, tiles, weight[0], bias, residual, activation, y, ws);
    } else {
      Window window = window(x.dim(0), x.dim(1));
      if (spec.hasSmallGroups()) {
        Kernels.groupedConv2d(x, window, weight[0], bias, residual, activation, y, ws);
      } else if (weight.length == 1 && residual == null && isWholeMap(window)) {
        Mark mark = ws.mark();
        Tensor row = ws.view(x, 0, 1, x.size()); // in the order of the weights
        Kernels.linear(row, weight[0], bias, null, activation, ws.view(y, 0, 1, spec.out), ws);
        ws.release(mark);
      } else {
        Kernels.conv2d(x, window, weight, bias, residual, activation, y, ws);
      }
    }
  }

  /** Whether it sees one pixel at a time, and each. */
  public boolean isPointwise() {
    return pointwise;
  }

  /** Whether there is one window, with all pixels of the map and no others. */
  private static boolean isWholeMap(Window window) {
    return window.outPixels() == 1
        && window.padTop() == 0
        && window.padLeft() == 0
        && window.dilationY() == 1
        && window.dilationX() == 1
        && window.kernelHeight() == window.inHeight()
        && window.kernelWidth() == window.inWidth();
  }

  /** How the window moves over an input of this size. */
  public Window window(int height, int width) {
    Window window = lastWindow;
    if (window == null || window.inHeight() != height || window.inWidth() != width) {
      window =
          Window.of(
              height,
              width,
              spec.kernelHeight,
              spec.kernelWidth,
              spec.stride,
              spec.dilation,
              spec.padding);
      lastWindow = window;
    }
    return window;
  }

  Activation activation() {
    return activation;
  }

  /** This pointwise convolution as the first layer of a bottleneck. */
  Expansion expansion() {
    return new Expansion(weight[0], bias, activation);
  }

  /**
   * {@code y = activation(conv(expansion(x)))}; this is depthwise.
   *
   * @param expansion null for none
   * @param y a map in blocks, see {@link KernelSet#bottleneck}
   */
  void bottleneck(Tensor x, Expansion expansion, Tensor y, Workspace ws) {
    Window window = window(x.dim(0), x.dim(1));
    Kernels.bottleneck(x, expansion, window, taps, bias, activation, y, ws);
  }

  /**
   * {@code y = project(activation(conv(expansion(x)))) + residual}; this is depthwise.
   *
   * @param expansion null for none
   * @param project pointwise, without activation
   * @param residual null for none
   */
  void invertedBottleneck(
      Tensor x, Expansion expansion, Conv2d project, Tensor residual, Tensor y, Workspace ws) {
    Kernels.invertedBottleneck(
        x,
        expansion,
        window(x.dim(0), x.dim(1)),
        taps,
        bias,
        activation,
        project.weight[0],
        project.bias,
        residual,
        y,
        ws);
  }

  /**
   * {@code y = activation(conv(x factors) + residual)}; this is pointwise.
   *
   * @param x a map in blocks, see {@link KernelSet#bottleneck}
   * @param factors of each channel, or null
   * @param residual null for none
   */
  void forwardBlocks(Tensor x, Tensor factors, Tensor residual, Tensor y, Workspace ws) {
    Kernels.linearOfBlocks(x, factors, weight[0], bias, residual, activation, y, ws);
  }

  public int outChannels() {
    return spec.out;
  }

  @Override
  public String toString() {
    return spec + " " + activation + (weight == null ? "" : " x " + weight.length);
  }
}
