package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import ocellus.loaders.json.JsonObject;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static JsonObject parse(Json json) {
    return JsonObject.parse("test", json.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void nestsAndSeparates() {
    Json json = new Json().beginObject();
    json.key("a").beginArray().value(1).value("x").nullValue().endArray();
    json.key("b").beginObject().endObject().key("c").value(true).key("d").beginArray().endArray();
    assertEquals(
        "{\"a\": [1, \"x\", null], \"b\": {}, \"c\": true, \"d\": []}",
        json.endObject().toString());
  }

  @Test
  void stringsReadBackWhateverTheyHold() {
    String text = "quote \" backslash \\ tab \t line \n\r bell \u0007 zero \0 é 猫 \ud83d\ude00 /";
    Json json = new Json().beginObject().key(text).value(text).endObject();
    assertEquals(1, json.toString().lines().count());
    assertEquals(text, parse(json).string(text));
  }

  @Test
  void halfACharacterIsEscapedBecauseUtf8HasNone() {
    assertEquals("\"a\\ud83d\"", new Json().value("a\ud83d").toString());
    assertEquals("\"\\ude00b\"", new Json().value("\ude00b").toString());
    assertEquals("\"\\ude00\\ud83d\"", new Json().value("\ude00\ud83d").toString());
  }

  @Test
  void floatsReadBackAsTheSameFloat() {
    Random random = new Random(42);
    for (int i = 0; i < 10_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(value)) {
        Json json = new Json().beginObject().key("x").value(value).endObject();
        assertEquals(value, (float) parse(json).number("x"), () -> json.toString());
      }
    }
  }

  @Test
  void whatJsonHasNoNumberForIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Json().value(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Json().value(Double.NEGATIVE_INFINITY));
  }
}
