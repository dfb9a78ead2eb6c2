package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PBM, PGM and PPM against Pillow: see src/reference/make_pnm_goldens.py. */
class PnmTest {
  static List<Checksums.Line> goldens() {
    return Checksums.read("/pnm/pnm.sha256");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void pixelsArePillows(Checksums.Line line) {
    byte[] file = Checksums.bytes("/pnm/" + line.name());
    if (line.checksum().equals(Checksums.Line.REFUSED)) {
      var e =
          assertThrows(
              ImageException.class, () -> Images.decode(file, line.name(), ImageOptions.DEFAULT));
      DecodingTest.assertOneLine(e, line.name());
    } else {
      RgbImage image = Images.decode(file, line.name(), ImageOptions.DEFAULT);
      assertEquals(line.checksum(), Checksums.sha256(image.data()));
    }
  }
}
