package ocellus.engine.kernels;

import java.lang.System.Logger.Level;
import jdk.incubator.vector.FloatVector;
import ocellus.engine.OcellusException;

/**
 * How wide the vectors of this process are, decided once: the widest that the machine has, or what
 * the property {@value #PROPERTY} says.
 */
public final class VectorWidth {
  /** 0 for the scalar kernels; 128, 256 or 512; -1, as absent, for the machine's own width. */
  public static final String PROPERTY = "ocellus.vectorBits";

  private static final String MODULE = "jdk.incubator.vector";

  /** Bits of a vector; 0 where the scalar kernels are to be used. */
  public static final int BITS = decide();

  private VectorWidth() {}

  private static int decide() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      System.getLogger("ocellus")
          .log(
              Level.WARNING,
              "module {0} is not there, so everything runs some 50 times slower; add --add-modules"
                  + " {0} to the java command",
              MODULE);
      return 0;
    }
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    String value = System.getProperty(PROPERTY, "-1");
    return switch (value) {
      case "-1" -> widest;
      case "0" -> 0;
      case "128", "256", "512" -> upTo(widest, Integer.parseInt(value));
      default ->
          throw new OcellusException(
              "property " + PROPERTY + " is '" + value + "'; it can be 0, 128, 256, 512 or -1");
    };
  }

  private static int upTo(int widest, int bits) {
    if (bits > widest) {
      throw new OcellusException(
          "property "
              + PROPERTY
              + " asks for "
              + bits
              + " bits, but this machine's vectors have "
              + widest);
    }
    return bits;
  }
}
