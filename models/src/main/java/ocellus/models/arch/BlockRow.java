package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;

/**
 * A row of the tables that define the MobileNets and EfficientNets, such as table 2 of Sandler et
 * al. 2018: blocks of one form that follow each other.
 *
 * <p>Made by {@link #separable}, {@link #bottleneck}, {@link #fused} or {@link #convolution},
 * refined by the methods below them.
 *
 * @param repeats how many blocks like this
 * @param stride of the first block if that is the first of its stage; 1 for all others
 * @param channels of the output, before the width multiplier
 */
record BlockRow(int repeats, int stride, int channels, BlockForm form) {
  /** A block without expansion; see {@link DepthwiseSeparable}. */
  static BlockRow separable(int kernel, int stride, int channels) {
    return new BlockRow(1, stride, channels, DepthwiseForm.separable(kernel));
  }

  /** See {@link InvertedResidual} and, for the expansion, {@link DepthwiseForm}. */
  static BlockRow bottleneck(int repeats, int kernel, int stride, double expansion, int channels) {
    return new BlockRow(repeats, stride, channels, DepthwiseForm.bottleneck(kernel, expansion));
  }

  /** See {@link FusedResidual}. */
  static BlockRow fused(int repeats, int kernel, int stride, double expansion, int channels) {
    var form = new FusedResidual.Form(kernel, expansion, /* base= */ 0, /* skips= */ true);
    return new BlockRow(repeats, stride, channels, form);
  }

  /** See {@link ConvolutionBlock}. */
  static BlockRow convolution(int repeats, int kernel, int stride, int channels) {
    var form = new ConvolutionBlock.Form(kernel, /* skips= */ false);
    return new BlockRow(repeats, stride, channels, form);
  }

  /** {@link #convolution} with stride 1, and the input added to outputs of the same shape. */
  static BlockRow residualConvolution(int repeats, int kernel, int channels) {
    return new BlockRow(repeats, 1, channels, new ConvolutionBlock.Form(kernel, /* skips= */ true));
  }

  /** See {@link UniversalBottleneck}; without layer scale. */
  static BlockRow universal(
      int repeats, int start, int middle, int stride, double expansion, int channels) {
    var form = new UniversalBottleneck.Form(start, middle, expansion, /* layerScale= */ false);
    return new BlockRow(repeats, stride, channels, form);
  }

  /** With squeeze-and-excitation. */
  BlockRow squeezed() {
    return with(depthwise().squeezed());
  }

  /** With ReLU rather than the network's activation. */
  BlockRow relu() {
    return with(depthwise().relu());
  }

  /** The input is not added to the output, even where it has the same shape. */
  BlockRow withoutSkip() {
    return with(depthwise().withoutSkip());
  }

  /** Strides padded in another way than the network's. */
  BlockRow padded(ConvNorm.Strided padding) {
    return with(depthwise().padded(padding));
  }

  private DepthwiseForm depthwise() {
    if (form instanceof DepthwiseForm depthwise) {
      return depthwise;
    }
    throw new IllegalStateException("no depthwise convolution in " + this);
  }

  private BlockRow with(BlockForm other) {
    return new BlockRow(repeats, stride, channels, other);
  }

  private BlockRow repeats(int times) {
    return new BlockRow(times, stride, channels, form);
  }

  /**
   * Howard et al.'s "minimalistic" form: windows of 3x3, no squeeze-and-excitation, one activation
   * for all.
   */
  static List<List<BlockRow>> minimal(List<List<BlockRow>> stages) {
    return stages.stream().map(stage -> stage.stream().map(BlockRow::minimal).toList()).toList();
  }

  private BlockRow minimal() {
    return form instanceof DepthwiseForm depthwise ? with(depthwise.minimal()) : this;
  }

  /**
   * Stages with more blocks, or fewer, their number rounded up; timm's {@code _scale_stage_depth}.
   */
  static List<List<BlockRow>> deepened(List<List<BlockRow>> stages, double multiplier) {
    return stages.stream()
        .map(stage -> withBlocks(stage, (int) Math.ceil(blocks(stage) * multiplier)))
        .toList();
  }

  /** As {@link #deepened}, their number rounded to the nearest, at least 1. */
  static List<List<BlockRow>> deepenedToNearest(List<List<BlockRow>> stages, double multiplier) {
    return stages.stream()
        .map(stage -> withBlocks(stage, Math.max(1, (int) Math.rint(blocks(stage) * multiplier))))
        .toList();
  }

  /** {@link #deepened} but for the first and the last stage. */
  static List<List<BlockRow>> deepenedInside(List<List<BlockRow>> stages, double multiplier) {
    List<List<BlockRow>> deep = new ArrayList<>(deepened(stages, multiplier));
    deep.set(0, stages.getFirst());
    deep.set(deep.size() - 1, stages.getLast());
    return List.copyOf(deep);
  }

  private static int blocks(List<BlockRow> stage) {
    return stage.stream().mapToInt(BlockRow::repeats).sum();
  }

  /** The stage with so many blocks, distributed over the rows from the last to the first. */
  private static List<BlockRow> withBlocks(List<BlockRow> stage, int scaled) {
    int blocks = blocks(stage);
    int left = scaled;
    List<BlockRow> rows = new ArrayList<>();
    for (BlockRow row : stage.reversed()) {
      int repeats = Math.max(1, (int) Math.rint((double) row.repeats / blocks * left));
      rows.addFirst(row.repeats(repeats));
      blocks -= row.repeats;
      left -= repeats;
    }
    return List.copyOf(rows);
  }
}
