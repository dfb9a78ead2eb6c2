package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.stream.Stream;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.PositionEmbedding.Grid;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against timm's resample_abs_pos_embed; see write_positions in make_vit_goldens.py. */
class PositionEmbeddingTest {
  private static final int DIM = 5;

  private static final Map<String, Tensor> TENSORS = Goldens.tensors("vit/positions");

  static Stream<String> cases() {
    Stream<String> inputs = TENSORS.keySet().stream().filter(name -> name.endsWith(".in"));
    return inputs.map(name -> name.substring(0, name.length() - 3));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resamplesLikeTheReference(String name) {
    String[] parts = name.split("_", -1); // prefix tokens, filter, grid before and after
    Filter filter =
        switch (parts[1]) {
          case "antialiased" -> Filter.ANTIALIASED_BICUBIC;
          case "bicubic" -> Filter.BICUBIC;
          default -> Filter.BILINEAR;
        };
    int prefix = Integer.parseInt(parts[0]);
    float[] in = TENSORS.get(name + ".in").toArray();
    float[] out =
        PositionEmbedding.resample(in, prefix, grid(parts[2]), grid(parts[3]), DIM, filter);
    Goldens.assertClose(name, TENSORS.get(name + ".out").toArray(), out);
    for (int i = 0; i < prefix * DIM; i++) {
      assertEquals(in[i], out[i], "prefix tokens are kept");
    }
  }

  private static Grid grid(String text) {
    int x = text.indexOf('x');
    return new Grid(
        Integer.parseInt(text.substring(0, x)), Integer.parseInt(text.substring(x + 1)));
  }

  @Test
  void theSameGridIsTheSameEmbedding() {
    float[] embedding = new float[(1 + 6) * DIM];
    Grid grid = new Grid(2, 3);
    assertSame(
        embedding,
        PositionEmbedding.resample(embedding, 1, grid, grid, DIM, Filter.ANTIALIASED_BICUBIC));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 13, 5", // 12 cells are no square
    "1, 1, 5", // only the prefix
    "1, 17, 6", // another width
    "2, 17, 5"
  })
  void whatIsNeitherThisGridNorASquareOneIsMisshapen(int batch, int tokens, int dim) {
    var weights = new SyntheticWeights(Map.of("pos_embed", Shape.of(batch, tokens, dim)));
    WeightException e = assertThrows(WeightException.class, () -> load(weights, new Grid(2, 3)));
    assertEquals(Defect.MISSHAPEN, e.defect());
    assertEquals("pos_embed", e.tensorName());
  }

  @Test
  void aSquareGridIsResampledAndTheOwnIsNot() {
    var square = new SyntheticWeights(Map.of("pos_embed", Shape.of(1, 17, DIM)));
    assertEquals((1 + 6) * DIM, load(square, new Grid(2, 3)).length);
    float[] own = new float[17 * DIM];
    square.read("pos_embed", 0, own, 0, own.length);
    assertArrayEquals(own, load(square, new Grid(2, 8)));
  }

  private static float[] load(SyntheticWeights weights, Grid grid) {
    WeightScope w = WeightScope.of(weights, null);
    return PositionEmbedding.load(w, "pos_embed", 1, grid, DIM, Filter.ANTIALIASED_BICUBIC);
  }
}
