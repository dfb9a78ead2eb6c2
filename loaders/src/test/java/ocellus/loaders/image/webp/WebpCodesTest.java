package ocellus.loaders.image.webp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** The codes of a lossless picture. */
class WebpCodesTest {
  private static final int GROUPS = 65_536;
  private static final int CODES = 5;

  /** A code of one symbol, 0: simple, not two symbols, the symbol in one bit. */
  private static final int ONE_SYMBOL = 0b0001;

  /** Found by review: half a megabyte of codes takes 380 MB where all are kept. */
  @Test
  void onlyCodesOfUsedGroupsAreKept() throws WebpException {
    byte[] data = new byte[GROUPS * CODES / 2];
    Arrays.fill(data, (byte) (ONE_SYMBOL << 4 | ONE_SYMBOL));
    var used = new BitSet();
    used.set(7);
    used.set(GROUPS - 1);
    LosslessCode[] codes = LosslessImage.readCodes(new LosslessBits(data, 0, data.length), used, 0);
    assertEquals(GROUPS * CODES, codes.length);
    for (int i = 0; i < codes.length; i++) {
      assertEquals(used.get(i / CODES), codes[i] != null, "code " + i);
    }
  }

  @Test
  void codesOfOtherGroupsAreReadAllTheSame() {
    byte[] data = new byte[CODES];
    Arrays.fill(data, (byte) (ONE_SYMBOL << 4 | ONE_SYMBOL));
    var used = new BitSet();
    used.set(GROUPS - 1);
    assertThrows(
        WebpException.class,
        () -> LosslessImage.readCodes(new LosslessBits(data, 0, data.length), used, 0));
  }
}
