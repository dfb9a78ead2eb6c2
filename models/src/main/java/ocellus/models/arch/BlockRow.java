package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import ocellus.engine.kernels.Activation;

/**
 * A row of the tables that define the MobileNets: table 2 of Sandler et al. 2018, tables 1 and 2 of
 * Howard et al. 2019.
 *
 * <p>Made by {@link #separable}, {@link #bottleneck} or {@link #pointwise}, refined by the methods
 * below them.
 *
 * @param repeats how many blocks like this follow each other
 * @param kernel side of the depthwise window
 * @param stride of the depthwise convolution if the block is the first of its stage, else 1
 * @param expansion channels of the depthwise convolution, relative to those that come in; 0 for
 *     exactly these, whatever the network's channels are rounded to
 * @param channels of the output, before the width multiplier
 * @param squeezes whether squeeze-and-excitation follows the depthwise convolution
 * @param skips whether the input is added to an output of the same shape
 * @param activation null for the network's own
 */
record BlockRow(
    Kind kind,
    int repeats,
    int kernel,
    int stride,
    double expansion,
    int channels,
    boolean squeezes,
    boolean skips,
    Activation activation) {

  enum Kind {
    /** {@link DepthwiseSeparable}. */
    SEPARABLE,
    /** {@link InvertedResidual}. */
    BOTTLENECK,
    /** {@link PointwiseBlock}. */
    POINTWISE
  }

  static BlockRow separable(int kernel, int stride, int channels) {
    return new BlockRow(Kind.SEPARABLE, 1, kernel, stride, 0, channels, false, true, null);
  }

  static BlockRow bottleneck(int repeats, int kernel, int stride, double expansion, int channels) {
    return new BlockRow(
        Kind.BOTTLENECK, repeats, kernel, stride, expansion, channels, false, true, null);
  }

  static BlockRow pointwise(int channels) {
    return new BlockRow(Kind.POINTWISE, 1, 1, 1, 0, channels, false, false, null);
  }

  /** Channels of the depthwise convolution for {@code in} channels of input. */
  int hidden(int in, ChannelWidth width) {
    return expansion == 0 ? in : width.rounded(in * expansion);
  }

  BlockRow squeezed() {
    return new BlockRow(
        kind, repeats, kernel, stride, expansion, channels, true, skips, activation);
  }

  BlockRow relu() {
    return new BlockRow(
        kind, repeats, kernel, stride, expansion, channels, squeezes, skips, Activation.RELU);
  }

  BlockRow withoutSkip() {
    return new BlockRow(
        kind, repeats, kernel, stride, expansion, channels, squeezes, false, activation);
  }

  private BlockRow repeats(int times) {
    return new BlockRow(
        kind, times, kernel, stride, expansion, channels, squeezes, skips, activation);
  }

  /**
   * Howard et al.'s "minimalistic" form: windows of 3x3, no squeeze-and-excitation, one activation
   * for all.
   */
  static List<List<BlockRow>> minimal(List<List<BlockRow>> stages) {
    return stages.stream().map(stage -> stage.stream().map(BlockRow::minimal).toList()).toList();
  }

  private BlockRow minimal() {
    int side = Math.min(kernel, 3);
    return new BlockRow(kind, repeats, side, stride, expansion, channels, false, skips, null);
  }

  /** Stages with more blocks, or fewer; see {@link #deepenedStage}. */
  static List<List<BlockRow>> deepened(List<List<BlockRow>> stages, double multiplier) {
    return stages.stream().map(stage -> deepenedStage(stage, multiplier)).toList();
  }

  /**
   * The stage with its number of blocks scaled and rounded up, distributed over the rows from the
   * last to the first; timm's {@code _scale_stage_depth}.
   */
  static List<BlockRow> deepenedStage(List<BlockRow> stage, double multiplier) {
    int blocks = stage.stream().mapToInt(BlockRow::repeats).sum();
    int scaled = (int) Math.ceil(blocks * multiplier);
    List<BlockRow> rows = new ArrayList<>();
    for (BlockRow row : stage.reversed()) {
      int repeats = Math.max(1, (int) Math.rint((double) row.repeats / blocks * scaled));
      rows.addFirst(row.repeats(repeats));
      blocks -= row.repeats;
      scaled -= repeats;
    }
    return List.copyOf(rows);
  }
}
