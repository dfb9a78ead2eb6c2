package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;

/** Maps in blocks of channels, {@code [blocks, pixels, block]}, from and to {@code [.., c]}. */
final class ChannelBlocks {
  private ChannelBlocks() {}

  /** Writes each row's channels to their blocks. */
  static void scatter(Tensor rows, Tensor blocks) {
    int channels = rows.channels();
    for (int r = 0; r < rows.rows(); r++) {
      for (int c = 0; c < channels; c++) {
        blocks.data()[index(blocks, r, c)] = rows.data()[rows.offset() + r * channels + c];
      }
    }
  }

  /** Reads each row's channels from their blocks. */
  static void gather(Tensor blocks, Tensor rows) {
    int channels = rows.channels();
    for (int r = 0; r < rows.rows(); r++) {
      for (int c = 0; c < channels; c++) {
        rows.data()[rows.offset() + r * channels + c] = blocks.data()[index(blocks, r, c)];
      }
    }
  }

  private static int index(Tensor blocks, int pixel, int channel) {
    int block = blocks.channels();
    return blocks.offset() + (channel / block * blocks.dim(1) + pixel) * block + channel % block;
  }
}
