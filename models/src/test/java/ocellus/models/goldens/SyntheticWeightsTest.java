package ocellus.models.goldens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import ocellus.engine.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** First and last elements that goldens.py's {@code synthetic} gives. */
class SyntheticWeightsTest {
  @ParameterizedTest
  @CsvSource({
    "blocks.0.attn.qkv.weight, 576x192,  0x1.de8818p-5,  -0x1.ca8e6cp-4",
    "norm.weight,              192,      0x1.cf73a2p-1,   0x1.f109eep-1",
    "head.bias,                7,       -0x1.d28a4p-5,    0x1.65b484p-4",
    "cls_token,                1x1x5,   -0x1.c0b566p-8,  -0x1.4d3c74p-3",
    "bn.running_var,           5,        0x1.5c95bp+0,    0x1.7be9bcp+0",
    "bn.running_mean,          5,        0x1.5af814p-4,  -0x1.66762cp-4",
    "blocks.1.ls1.gamma,       4,        0x1.0002fcp-2,   0x1.24a922p-1",
    "stem.weight,              4x3x3x3,  0x1.e58506p-3,  -0x1.3d213ep-2",
  })
  void equalsTheReference(String name, String extents, String first, String last) {
    Shape shape = Listings.shape(extents.split("x", -1));
    var weights = new SyntheticWeights(Map.of(name, shape));
    float[] value = new float[1];
    weights.read(name, 0, value, 0, 1);
    assertEquals(Float.parseFloat(first), value[0]);
    weights.read(name, shape.size() - 1, value, 0, 1);
    assertEquals(Float.parseFloat(last), value[0]);
  }

  @ParameterizedTest
  @CsvSource({"0, -0x1.9bd584p0", "1, -0x1.68fb6p0", "2, 0x1.2f732p-2"})
  void imageEqualsTheReference(int index, String value) {
    assertEquals(Float.parseFloat(value), SyntheticWeights.image(2, 2).data()[index]);
  }
}
