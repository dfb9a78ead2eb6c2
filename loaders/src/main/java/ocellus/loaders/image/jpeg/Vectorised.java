package ocellus.loaders.image.jpeg;

import ocellus.loaders.internal.Takeover;

/** When vectors take over from plain code: some of the work of a picture, done both ways. */
final class Vectorised implements Takeover.Trial {
  /** Three or four photographs of half a megapixel. */
  private static final long ENOUGH_BLOCKS = 1 << 16;

  private static final Takeover TAKEOVER = new Takeover(ENOUGH_BLOCKS, Vectorised::new);

  /** Blocks, and pixels of a row, of a trial. */
  private static final int TRIAL = 256;

  private final short[] coefficients = new short[TRIAL * Frame.BLOCK];
  private final byte[] samples = new byte[TRIAL * Frame.BLOCK];
  private final byte[] rgb = new byte[4 * TRIAL];
  private final int[] steps = new int[Frame.BLOCK];
  private final VectorDct vectors = new VectorDct(steps);
  private final InverseDct plain = new InverseDct(steps);
  private final short[] sums = new short[2 * TRIAL];
  private final long[] pixels = new long[TRIAL];

  private Vectorised() {}

  /** Whether to take vectors for a picture of so many blocks. */
  static boolean isReady(long blocks) {
    return TAKEOVER.isReady(blocks);
  }

  @Override
  public void withVectors() {
    for (int at = 0; at < coefficients.length; at += Coefficients.GROUP) {
      vectors.group(coefficients, at, samples, at / Component.EDGE, samples.length / 8);
    }
    VectorRows.blend(samples, 0, TRIAL, TRIAL, sums);
    VectorRows.widen(samples, 0, TRIAL, sums);
    VectorRows.spread(sums, TRIAL, 8, 7, 4, samples);
    VectorRows.ycc(samples, 0, samples, TRIAL, samples, 2 * TRIAL, TRIAL, pixels);
    VectorRows.write(pixels, TRIAL, rgb, 0);
  }

  @Override
  public void withoutVectors() {
    for (int block = 0; block < TRIAL; block++) {
      plain.block(coefficients, Coefficients.offset(block), samples, 8 * block, samples.length / 8);
    }
  }
}
