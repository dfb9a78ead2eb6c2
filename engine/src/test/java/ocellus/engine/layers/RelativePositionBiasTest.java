package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.RandomData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the definitions, pair by pair. */
class RelativePositionBiasTest {
  private static final int HEADS = 2;
  private final RandomData random = new RandomData();

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 7", "2, 5", "5, 2", "1, 4", "16, 16"})
  void everyPairHasTheBiasOfItsDistance(int height, int width) {
    float[] table = random.floats(RelativePositionBias.distances(height, width) * HEADS);
    AttentionBias bias = RelativePositionBias.ofGrid(table, HEADS, height, width);
    int tokens = height * width;
    assertEquals(tokens, bias.tokens());
    assertEquals(HEADS, bias.heads());
    for (int head = 0; head < HEADS; head++) {
      for (int query = 0; query < tokens; query++) {
        for (int key = 0; key < tokens; key++) {
          int row = distance(query, key, height, width);
          assertEquals(table[row * HEADS + head], bias.at(head, query, key));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "14, 14", "2, 5", "5, 2"})
  void aClassTokenHasBiasesOfItsOwn(int height, int width) {
    int distances = RelativePositionBias.distances(height, width);
    float[] table = random.floats((distances + 3) * HEADS);
    AttentionBias bias = RelativePositionBias.ofClassAndGrid(table, HEADS, height, width);
    int tokens = height * width + 1;
    assertEquals(tokens, bias.tokens());
    for (int head = 0; head < HEADS; head++) {
      for (int query = 0; query < tokens; query++) {
        for (int key = 0; key < tokens; key++) {
          int row =
              query == 0 && key == 0
                  ? distances + 2
                  : query == 0
                      ? distances
                      : key == 0 ? distances + 1 : distance(query - 1, key - 1, height, width);
          assertEquals(table[row * HEADS + head], bias.at(head, query, key));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"7, 7, 4, 4", "8, 8, 4, 4", "3, 5, 2, 3", "4, 4, 4, 2", "4, 4, 1, 4", "2, 2, 2, 2"})
  void windowsAtTheEdgesMaskWhatIsFromTheOppositeEdge(int height, int width, int upper, int left) {
    float[] table = random.floats(RelativePositionBias.distances(height, width) * HEADS);
    List<AttentionBias> biases =
        RelativePositionBias.ofWindows(table, HEADS, height, width, upper, left, -200);
    assertEquals(4, biases.size());
    int tokens = height * width;
    for (int kind = 0; kind < 4; kind++) {
      boolean lastColumn = kind % 2 == 1;
      boolean lastRow = kind / 2 == 1;
      for (int query = 0; query < tokens; query++) {
        for (int key = 0; key < tokens; key++) {
          boolean apart =
              (lastColumn && (query % width < left) != (key % width < left))
                  || (lastRow && (query / width < upper) != (key / width < upper));
          int row = distance(query, key, height, width);
          float expected = table[row * HEADS + 1] + (apart ? -200 : 0);
          assertEquals(expected, biases.get(kind).at(1, query, key));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "24", "26", "50"})
  void aTableOfAnotherSizeIsRefused(int rows) {
    float[] table = new float[rows];
    assertThrows(IllegalArgumentException.class, () -> RelativePositionBias.ofGrid(table, 1, 3, 3));
  }

  /** As the authors' code counts: differences from the key to the query, shifted to be positive. */
  private static int distance(int query, int key, int height, int width) {
    int rows = query / width - key / width + height - 1;
    int columns = query % width - key % width + width - 1;
    return rows * (2 * width - 1) + columns;
  }
}
