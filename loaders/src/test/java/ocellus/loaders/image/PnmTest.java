package ocellus.loaders.image;

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
    Pillow.verify(line, Checksums.bytes("/pnm/" + line.name()));
  }
}
