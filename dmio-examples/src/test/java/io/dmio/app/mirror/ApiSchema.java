package io.dmio.app.mirror;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds JSON against the schemas of an OpenAPI document, as far as the one of mirrors uses them, and notes which members came. */
final class ApiSchema {

    private static final String COMPONENTS = "#/components/schemas/";

    private final Map<?, ?> document;
    private final Set<String> seen = new LinkedHashSet<>();

    ApiSchema(Map<?, ?> document) {
        this.document = document;
    }

    /** What is wrong with a value; nothing if it is as the schema says. */
    List<String> wrong(Map<?, ?> schema, Object value) {
        List<String> wrong = new ArrayList<>();
        check(schema, value, "", wrong);
        return wrong;
    }

    /** Members of schemas that no value had, as {@code Leg.index}. */
    Set<String> unseen() {
        Set<String> unseen = new LinkedHashSet<>();
        components().forEach((name, schema) -> describe(String.valueOf(name), (Map<?, ?>) schema, unseen));
        unseen.removeAll(seen);
        return unseen;
    }

    private static void describe(String name, Map<?, ?> schema, Set<String> all) {
        map(schema, "properties").forEach((key, member) -> {
            all.add(name + "." + key);
            describe(name + "." + key, (Map<?, ?>) member, all);
        });
        if (schema.get("items") instanceof Map<?, ?> items) {
            describe(name, items, all);
        }
        list(schema, "oneOf").forEach(one -> describe(name, (Map<?, ?>) one, all));
    }

    private void check(Map<?, ?> schema, Object value, String place, List<String> wrong) {
        if (schema.get("$ref") instanceof String ref) {
            String name = ref.substring(COMPONENTS.length());
            check(map(components(), name), value, name, wrong);
            return;
        }
        list(schema, "allOf").forEach(one -> check((Map<?, ?>) one, value, place, wrong));
        List<?> choice = list(schema, "oneOf");
        if (!choice.isEmpty()) {
            checkChoice(choice, value, place, wrong);
        }
        if (schema.get("type") instanceof String type && !is(type, value)) {
            wrong.add(place + ": " + value + " is no " + type);
        }
        if (schema.get("enum") instanceof List<?> constants && !constants.contains(value)) {
            wrong.add(place + ": " + value + " is none of " + constants);
        }
        if (value instanceof Map<?, ?> object && schema.containsKey("properties")) {
            checkMembers(schema, object, place, wrong);
        }
        if (value instanceof List<?> items && schema.get("items") instanceof Map<?, ?> each) {
            items.forEach(item -> check(each, item, place, wrong));
        }
    }

    private void checkChoice(List<?> choice, Object value, String place, List<String> wrong) {
        List<List<String>> each = new ArrayList<>();
        for (Object one : choice) {
            List<String> why = new ArrayList<>();
            check((Map<?, ?>) one, value, place, why);
            each.add(why);
        }
        if (each.stream().filter(List::isEmpty).count() != 1) {
            wrong.add(place + ": " + value + " is not one of them: " + each);
        }
    }

    private void checkMembers(Map<?, ?> schema, Map<?, ?> object, String place, List<String> wrong) {
        Map<?, ?> members = map(schema, "properties");
        object.forEach((key, member) -> {
            if (members.get(key) instanceof Map<?, ?> described) {
                seen.add(place + "." + key);
                check(described, member, place + "." + key, wrong);
            } else {
                wrong.add(place + "." + key + " is not described");
            }
        });
        list(schema, "required").stream()
                .filter(key -> !object.containsKey(key))
                .forEach(key -> wrong.add(place + "." + key + " is missing"));
    }

    private static boolean is(String type, Object value) {
        return switch (type) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Long;
            case "boolean" -> value instanceof Boolean;
            default -> throw new IllegalArgumentException(type);
        };
    }

    private Map<?, ?> components() {
        return map(map(document, "components"), "schemas");
    }

    static Map<?, ?> map(Map<?, ?> object, String key) {
        return object.get(key) instanceof Map<?, ?> member ? member : Map.of();
    }

    private static List<?> list(Map<?, ?> object, String key) {
        return object.get(key) instanceof List<?> items ? items : List.of();
    }
}
