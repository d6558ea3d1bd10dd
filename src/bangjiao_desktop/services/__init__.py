"""Services room: one function or small class per thing a person does; puts store, documents and exchange together."""
