package ocellus.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditDistanceTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "abc, abc, 0",
    "'', abc, 3",
    "abc, abd, 1",
    "abc, ac, 1",
    "kitten, sitting, 3",
    "flaw, lawn, 2",
    "norm1.weight, norm2.weight, 1",
    "blocks.0.attn.qkv.bias, blocks.0.attn.q_bias, 3",
    "ab, ba, 2"
  })
  void isTheLeastNumberOfEdits(String a, String b, int edits) {
    assertEquals(edits, EditDistance.between(a, b));
    assertEquals(edits, EditDistance.between(b, a));
  }

  @ParameterizedTest
  @CsvSource({
    "vit_tiny, vit_tiny, 0",
    "vit_tiny, vit_tinny, 1",
    "vit_relpos_base, vit_base, 2",
    "efficientnet_cc_b0_4e, efficientnet_b0, 4",
    "efficientnet_b1_pruned, efficientnet_b1, 2",
    "resnet50_clip, resnet50_gn, 4",
    "resnet50_clip, resnet50, 2",
    "a_b, b_a, 2",
    "'', a, 1",
  })
  void wordsOfNamesCountAsAWhole(String a, String b, int edits) {
    assertEquals(edits, EditDistance.betweenNames(a, b));
    assertEquals(edits, EditDistance.betweenNames(b, a));
  }
}
