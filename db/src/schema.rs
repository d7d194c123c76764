//! Every table, once, as both databases hold it (a test compares). [`LOGGED`] tables are entities: each write to
//! one of them has to be told to `Tx::changed`, and tests fail a transaction that forgets it. [`UNLOGGED`] tables
//! are machinery (sessions, inbox, feed, …) or derived figures, and never appear in the change log.

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        at -> BigInt,
        actor_id -> Text,
        actor -> Text,
        device_id -> Nullable<Text>,
        entity -> Text,
        row_id -> Text,
        ticket_id -> Nullable<Text>,
        op -> Text,
        digest -> Text,
    }
}

diesel::table! {
    change_contents (seq) {
        seq -> BigInt,
        salt -> Text,
        body -> Text,
        erased_at -> Nullable<BigInt>,
        open_digest -> Nullable<Text>,
        personal_digest -> Nullable<Text>,
    }
}

diesel::table! {
    record_leaves (position) {
        position -> BigInt,
        seq -> BigInt,
        entry -> Nullable<BigInt>,
        hash -> Text,
    }
}

diesel::table! {
    record_nodes (level, position) {
        level -> BigInt,
        position -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    record_heads (size) {
        size -> BigInt,
        root -> Text,
        signed_at -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    record_keys (from_size) {
        from_size -> BigInt,
        public_key -> Text,
        known_at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (user_id, key) {
        user_id -> Text,
        key -> Text,
        request -> Text,
        status -> Integer,
        location -> Text,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    engineers (id) {
        id -> Text,
        code -> Text,
        name -> Text,
        phone -> Text,
        home_latitude -> Double,
        home_longitude -> Double,
        max_load_minutes -> BigInt,
        active -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        login -> Text,
        display_name -> Text,
        role -> Text,
        password_hash -> Text,
        engineer_id -> Nullable<Text>,
        locale -> Text,
        active -> Bool,
        created_at -> BigInt,
        email -> Text,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        id -> Text,
        user_id -> Text,
        kind -> Text,
        name -> Text,
        role -> Text,
        device_id -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    skills (code) {
        code -> Text,
        name -> Text,
        name_zh -> Text,
    }
}

diesel::table! {
    skill_certificates (id) {
        id -> Text,
        engineer_id -> Text,
        skill -> Text,
        level -> Integer,
        number -> Text,
        valid_from -> BigInt,
        valid_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    shifts (id) {
        id -> Text,
        engineer_id -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
    }
}

diesel::table! {
    absences (id) {
        id -> Text,
        engineer_id -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        reason -> Text,
    }
}

diesel::table! {
    positions (engineer_id) {
        engineer_id -> Text,
        latitude -> Double,
        longitude -> Double,
        accuracy_m -> Nullable<Double>,
        at -> BigInt,
        received_at -> BigInt,
    }
}

diesel::table! {
    engineer_loads (engineer_id) {
        engineer_id -> Text,
        tickets -> BigInt,
        minutes -> BigInt,
    }
}

diesel::table! {
    repair_times (engineer_id, fault) {
        engineer_id -> Text,
        fault -> Text,
        repairs -> BigInt,
        minutes -> BigInt,
        expected_minutes -> BigInt,
    }
}

diesel::table! {
    customers (id) {
        id -> Text,
        number -> Text,
        name -> Text,
        phone -> Text,
        email -> Text,
        level -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    sites (id) {
        id -> Text,
        customer_id -> Text,
        name -> Text,
        address -> Text,
        latitude -> Double,
        longitude -> Double,
        access_note -> Text,
        contact -> Text,
        time_zone -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    assets (id) {
        id -> Text,
        site_id -> Text,
        number -> Text,
        kind -> Text,
        model -> Text,
        manufacturer -> Text,
        description -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    tickets (id) {
        id -> Text,
        number -> BigInt,
        kind -> Text,
        priority -> Integer,
        title -> Text,
        description -> Text,
        symptom -> Text,
        status -> Text,
        customer_id -> Text,
        site_id -> Text,
        asset_id -> Nullable<Text>,
        visit_id -> Text,
        engineer_id -> Nullable<Text>,
        required_skills -> Text,
        needed_parts -> Text,
        expected_minutes -> BigInt,
        earliest_at -> BigInt,
        latest_at -> Nullable<BigInt>,
        due_at -> BigInt,
        planned_at -> Nullable<BigInt>,
        access_note -> Text,
        site_contact -> Text,
        address -> Text,
        latitude -> Double,
        longitude -> Double,
        auto_dispatch -> Bool,
        queue_reasons -> Text,
        created_at -> BigInt,
        completed_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
        sla -> Text,
        form -> Text,
    }
}

diesel::table! {
    ticket_templates (id) {
        id -> Text,
        version -> BigInt,
        kind -> Text,
        name_en -> Text,
        name_zh -> Text,
        enabled -> Bool,
        priority -> Nullable<Integer>,
        expected_minutes -> Nullable<BigInt>,
        required_skills -> Text,
        needed_parts -> Text,
        fields -> Text,
        checklist -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    visits (id) {
        id -> Text,
        ticket_id -> Text,
        number -> Integer,
        status -> Text,
        planned_at -> Nullable<BigInt>,
        expected_minutes -> BigInt,
        lead_engineer_id -> Nullable<Text>,
    }
}

diesel::table! {
    visit_crew (id) {
        id -> Text,
        visit_id -> Text,
        engineer_id -> Text,
    }
}

diesel::table! {
    assignments (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Text,
        assigned_at -> BigInt,
        assigned_by -> Text,
        reason -> Text,
        score_minutes -> Nullable<Double>,
        dossier -> Text,
        shortages -> Text,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    dispatch_policies (id) {
        id -> Text,
        version -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    sla_policies (id) {
        id -> Text,
        version -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    sla_calendars (id) {
        id -> Text,
        version -> BigInt,
        in_site_zone -> Bool,
        body -> Text,
    }
}

diesel::table! {
    sla_contracts (id) {
        id -> Text,
        number -> Text,
        customer_id -> Text,
        site_id -> Nullable<Text>,
        valid_from -> BigInt,
        valid_until -> Nullable<BigInt>,
        policy_id -> Text,
        calendar_id -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    sla_settings (id) {
        id -> Text,
        version -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    sla_timers (ticket_id) {
        ticket_id -> Text,
        fires_at -> BigInt,
        failures -> BigInt,
        fault -> Nullable<Text>,
    }
}

diesel::table! {
    escalations (id) {
        id -> Text,
        ticket_id -> Text,
        step -> Text,
        due_at -> BigInt,
        fired_at -> BigInt,
        engineer_id -> Nullable<Text>,
        given_to_id -> Nullable<Text>,
        told -> BigInt,
    }
}

diesel::table! {
    notifications (id) {
        id -> Text,
        user_id -> Text,
        ticket_id -> Text,
        kind -> Text,
        at -> BigInt,
        read_at -> Nullable<BigInt>,
        rule_en -> Nullable<Text>,
        rule_zh -> Nullable<Text>,
        note_id -> Nullable<Text>,
        status -> Nullable<Text>,
    }
}

diesel::table! {
    canned_replies (id) {
        id -> Text,
        title -> Text,
        title_zh -> Text,
        text -> Text,
        text_zh -> Text,
        audience -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    ticket_watchers (ticket_id, user_id) {
        ticket_id -> Text,
        user_id -> Text,
    }
}

diesel::table! {
    notification_preferences (user_id, kind) {
        user_id -> Text,
        kind -> Text,
        bell -> Bool,
        mail -> Bool,
    }
}

diesel::table! {
    mails (id) {
        id -> Text,
        user_id -> Text,
        ticket_id -> Text,
        kind -> Text,
        at -> BigInt,
        rule_en -> Nullable<Text>,
        rule_zh -> Nullable<Text>,
        attempts -> Integer,
        due_at -> Nullable<BigInt>,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
        error -> Text,
        note_id -> Nullable<Text>,
        status -> Nullable<Text>,
    }
}

diesel::table! {
    dispatch_actions (id) {
        id -> Text,
        number -> BigInt,
        kind -> Text,
        at -> BigInt,
        user_id -> Text,
        login -> Text,
        tickets -> BigInt,
        ticket_id -> Nullable<Text>,
        ticket_number -> Nullable<BigInt>,
        engineer_id -> Nullable<Text>,
        undone_at -> Nullable<BigInt>,
        undone_by -> Nullable<Text>,
        undone_number -> Nullable<BigInt>,
    }
}

diesel::table! {
    dispatch_steps (action_id, ticket_id) {
        action_id -> Text,
        ticket_id -> Text,
        at -> BigInt,
        before -> Text,
        after -> Text,
    }
}

diesel::table! {
    ticket_events (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Nullable<Text>,
        kind -> Text,
        at -> BigInt,
        received_at -> BigInt,
        dseq -> BigInt,
        reason -> Text,
        actor -> Text,
        device_id -> Nullable<Text>,
        applied -> Bool,
        time_uncertain -> Bool,
    }
}

diesel::table! {
    notes (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Nullable<Text>,
        author -> Text,
        at -> BigInt,
        text -> Text,
        audience -> Text,
        mentions -> Text,
    }
}

diesel::table! {
    parts (id) {
        id -> Text,
        number -> Text,
        name -> Text,
        name_zh -> Text,
        unit -> Text,
        decimals -> Integer,
        unit_price_micros -> BigInt,
        currency -> Text,
        active -> Bool,
        created_at -> BigInt,
        tracking -> Text,
        returnable -> Bool,
        warranty_days -> Integer,
    }
}

diesel::table! {
    stock_locations (id) {
        id -> Text,
        kind -> Text,
        code -> Text,
        name -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        engineer_id -> Nullable<Text>,
        active -> Bool,
        created_at -> BigInt,
        parent_id -> Nullable<Text>,
    }
}

diesel::table! {
    stock_balances (id) {
        id -> Text,
        part_id -> Text,
        location_id -> Text,
        on_hand -> BigInt,
        reserved -> BigInt,
        expired -> BigInt,
    }
}

diesel::table! {
    reservations (id) {
        id -> Text,
        ticket_id -> Text,
        engineer_id -> Nullable<Text>,
        part_id -> Text,
        location_id -> Text,
        quantity -> BigInt,
        status -> Text,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        instead_of_part_id -> Nullable<Text>,
        lot_id -> Nullable<Text>,
    }
}

diesel::table! {
    stock_movements (id) {
        id -> Text,
        kind -> Text,
        part_id -> Text,
        quantity -> BigInt,
        from_location_id -> Text,
        to_location_id -> Text,
        ticket_id -> Nullable<Text>,
        reservation_id -> Nullable<Text>,
        actor -> Text,
        at -> BigInt,
        note -> Text,
        serial_id -> Nullable<Text>,
        lot_id -> Nullable<Text>,
        asset_id -> Nullable<Text>,
        unit_cost_micros -> Nullable<BigInt>,
        currency -> Text,
        under_warranty -> Bool,
        reverses_id -> Nullable<Text>,
        batch_id -> Nullable<Text>,
        order_line_id -> Nullable<Text>,
    }
}

diesel::table! {
    part_usage (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Nullable<Text>,
        part_id -> Text,
        quantity -> BigInt,
        serial -> Text,
        outcome -> Text,
        at -> BigInt,
        removed_serial -> Text,
    }
}

diesel::table! {
    devices (id) {
        id -> Text,
        user_id -> Text,
        engineer_id -> Text,
        platform -> Text,
        app_version -> Text,
        schema_number -> Integer,
        acked_seq -> BigInt,
        enrolled_at -> BigInt,
        last_seen_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        announced_seq -> BigInt,
    }
}

diesel::table! {
    enrolment_codes (code_hash) {
        code_hash -> Text,
        engineer_id -> Text,
        user_id -> Text,
        created_by -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    rescues (id) {
        id -> Text,
        device_id -> Text,
        engineer_id -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        received_at -> BigInt,
    }
}

diesel::table! {
    blobs (sha256) {
        sha256 -> Text,
        bytes -> BigInt,
        media_type -> Text,
        stored_at -> BigInt,
    }
}

diesel::table! {
    blob_uploads (id) {
        id -> Text,
        device_id -> Text,
        sha256 -> Text,
        length -> BigInt,
        received -> BigInt,
        pieces -> Text,
        media_type -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    sync_inbox (mid) {
        mid -> Text,
        device_id -> Text,
        seq -> Nullable<BigInt>,
        received_at -> BigInt,
        body -> Text,
        result -> Text,
        why -> Text,
        conflict_id -> Nullable<Text>,
    }
}

diesel::table! {
    sync_feed (collection, row_id, scope) {
        scope -> Text,
        collection -> Text,
        row_id -> Text,
        seq -> BigInt,
        op -> Text,
    }
}

diesel::table! {
    checklists (id) {
        id -> Text,
        ticket_kind -> Text,
        position -> Integer,
        question -> Text,
        question_zh -> Text,
        answer_kind -> Text,
        required -> Bool,
    }
}

diesel::table! {
    labour (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Text,
        at -> BigInt,
        minutes -> BigInt,
        kind -> Text,
    }
}

diesel::table! {
    checklist_answers (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Text,
        question_id -> Text,
        question -> Text,
        answer -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    readings (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Text,
        at -> BigInt,
        kind -> Text,
        value -> Double,
        unit -> Text,
    }
}

diesel::table! {
    photos (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Text,
        at -> BigInt,
        purpose -> Text,
        caption -> Text,
        sha256 -> Text,
        bytes -> BigInt,
        blob -> Text,
    }
}

diesel::table! {
    signatures (id) {
        id -> Text,
        ticket_id -> Text,
        visit_id -> Text,
        engineer_id -> Text,
        at -> BigInt,
        signed_by -> Text,
        signed_sha256 -> Text,
        sha256 -> Text,
        bytes -> BigInt,
        blob -> Text,
    }
}

diesel::table! {
    confirmations (id) {
        id -> Text,
        ticket_id -> Text,
        completed_at -> BigInt,
        solved -> Nullable<Bool>,
        satisfaction -> Nullable<Text>,
        comment -> Text,
        answered_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    follow_ups (id) {
        id -> Text,
        ticket_id -> Text,
        reason -> Text,
        comment -> Text,
        created_at -> BigInt,
        done_at -> Nullable<BigInt>,
        done_by -> Nullable<Text>,
        note -> Text,
    }
}

diesel::table! {
    conflict_cards (id) {
        id -> Text,
        ticket_id -> Nullable<Text>,
        engineer_id -> Nullable<Text>,
        device_id -> Nullable<Text>,
        kind -> Text,
        detail -> Text,
        status -> Text,
        created_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
        resolved_by -> Nullable<Text>,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    travel_speeds (rod, south, west, band) {
        rod -> Text,
        south -> Integer,
        west -> Integer,
        band -> Integer,
        journeys -> Double,
        weight -> Double,
        estimate -> Double,
        seconds -> Double,
        products -> Double,
        scatter -> Double,
        logs -> Double,
    }
}

diesel::table! {
    travel_departures (engineer_id) {
        engineer_id -> Text,
        ticket_id -> Text,
        latitude -> Double,
        longitude -> Double,
        left_at -> BigInt,
    }
}

diesel::table! {
    part_codes (id) {
        id -> Text,
        part_id -> Text,
        code -> Text,
        note -> Text,
    }
}

diesel::table! {
    part_substitutes (id) {
        id -> Text,
        part_id -> Text,
        substitute_id -> Text,
    }
}

diesel::table! {
    part_lots (id) {
        id -> Text,
        part_id -> Text,
        number -> Text,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    lot_balances (lot_id, location_id) {
        lot_id -> Text,
        location_id -> Text,
        on_hand -> BigInt,
    }
}

diesel::table! {
    part_serials (id) {
        id -> Text,
        part_id -> Text,
        number -> Text,
        lot_id -> Nullable<Text>,
        location_id -> Text,
        asset_id -> Nullable<Text>,
        reservation_id -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    part_costs (id) {
        id -> Text,
        part_id -> Text,
        currency -> Text,
        quantity -> BigInt,
        value_micros -> BigInt,
    }
}

diesel::table! {
    stock_levels (id) {
        id -> Text,
        part_id -> Text,
        location_id -> Text,
        minimum -> BigInt,
        maximum -> BigInt,
        lead_days -> Integer,
    }
}

diesel::table! {
    suppliers (id) {
        id -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    supplier_parts (id) {
        id -> Text,
        part_id -> Text,
        supplier_id -> Text,
        number -> Text,
        note -> Text,
        pack -> BigInt,
    }
}

diesel::table! {
    supplier_prices (id) {
        id -> Text,
        supplier_part_id -> Text,
        quantity -> BigInt,
        unit_price_micros -> BigInt,
        currency -> Text,
    }
}

diesel::table! {
    part_components (id) {
        id -> Text,
        part_id -> Text,
        component_id -> Text,
        quantity -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    stock_counts (id) {
        id -> Text,
        location_id -> Text,
        blind -> Bool,
        status -> Text,
        note -> Text,
        created_by -> Text,
        created_at -> BigInt,
        closed_by -> Text,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    stock_count_lines (id) {
        id -> Text,
        count_id -> Text,
        part_id -> Text,
        expected -> BigInt,
        counted -> Nullable<BigInt>,
        counted_by -> Text,
        counted_at -> Nullable<BigInt>,
        adjusted -> BigInt,
        moved -> Nullable<BigInt>,
    }
}

diesel::table! {
    used_part_returns (id) {
        id -> Text,
        ticket_id -> Text,
        asset_id -> Nullable<Text>,
        part_id -> Text,
        quantity -> BigInt,
        serial -> Text,
        engineer_id -> Nullable<Text>,
        status -> Text,
        grade -> Text,
        location_id -> Nullable<Text>,
        note -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    purchase_orders (id) {
        id -> Text,
        number -> BigInt,
        supplier_id -> Text,
        currency -> Text,
        status -> Text,
        expected_on -> Text,
        note -> Text,
        ordered_by -> Text,
        ordered_at -> BigInt,
    }
}

diesel::table! {
    purchase_order_lines (id) {
        id -> Text,
        order_id -> Text,
        part_id -> Text,
        location_id -> Text,
        supplier_part_number -> Text,
        quantity -> BigInt,
        received -> BigInt,
        cancelled -> BigInt,
        unit_price_micros -> Nullable<BigInt>,
    }
}

diesel::table! {
    put_backs (id) {
        id -> Text,
        reservation_id -> Text,
        ticket_id -> Text,
        engineer_id -> Nullable<Text>,
        part_id -> Text,
        location_id -> Text,
        lot_id -> Nullable<Text>,
        serials -> Text,
        quantity -> BigInt,
        created_at -> BigInt,
        done_by -> Text,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    part_needs (id) {
        id -> Text,
        ticket_kind -> Text,
        asset_model -> Text,
        symptom -> Text,
        part_id -> Text,
        quantity -> BigInt,
        probability -> Double,
        weight -> Nullable<Double>,
    }
}

diesel::table! {
    need_cases (ticket_kind, asset_model, symptom) {
        ticket_kind -> Text,
        asset_model -> Text,
        symptom -> Text,
        tickets -> BigInt,
    }
}

diesel::table! {
    need_uses (ticket_kind, asset_model, symptom, part_id) {
        ticket_kind -> Text,
        asset_model -> Text,
        symptom -> Text,
        part_id -> Text,
        tickets -> BigInt,
        quantity -> BigInt,
    }
}

diesel::table! {
    epochs (first_number) {
        first_number -> BigInt,
        last_kept -> BigInt,
        name -> Text,
        began_at -> BigInt,
    }
}

diesel::table! {
    push_subscriptions (device_id) {
        device_id -> Text,
        endpoint -> Text,
        p256dh -> Text,
        auth -> Text,
        subscribed_at -> BigInt,
        woken_at -> BigInt,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        kind -> Text,
        body -> Text,
        digest -> Text,
        attempts -> Integer,
        due_at -> Nullable<BigInt>,
        created_at -> BigInt,
        delivered_at -> Nullable<BigInt>,
        error -> Text,
        url -> Text,
        ticket_id -> Nullable<Text>,
        rule_id -> Nullable<Text>,
    }
}

diesel::table! {
    rules (id) {
        id -> Text,
        version -> BigInt,
        name_en -> Text,
        name_zh -> Text,
        enabled -> Bool,
        trigger -> Text,
        condition -> Text,
        actions -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    rule_firings (id) {
        id -> Text,
        rule_id -> Text,
        rule_version -> BigInt,
        name_en -> Text,
        name_zh -> Text,
        ticket_id -> Text,
        cause -> Text,
        chain -> Text,
        at -> BigInt,
        outcome -> Text,
        reason -> Text,
        results -> Text,
    }
}

diesel::table! {
    rule_clocks (rule_id) {
        rule_id -> Text,
        ran_at -> BigInt,
    }
}

diesel::table! {
    dispatcher_looks (user_id) {
        user_id -> Text,
        looked_at -> BigInt,
    }
}

diesel::table! {
    handover_notes (id) {
        id -> Text,
        ticket_id -> Nullable<Text>,
        at -> BigInt,
        author -> Text,
        text -> Text,
        done_at -> Nullable<BigInt>,
        done_by -> Nullable<Text>,
    }
}

diesel::table! {
    saved_views (id) {
        id -> Text,
        user_id -> Text,
        author -> Text,
        name -> Text,
        shared -> Bool,
        query -> Text,
        layout -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    presences (page_id) {
        page_id -> Text,
        user_id -> Text,
        login -> Text,
        ticket_id -> Text,
        editing -> Bool,
        seen_at -> BigInt,
    }
}

diesel::joinable!(users -> engineers (engineer_id));
diesel::joinable!(handover_notes -> tickets (ticket_id));
diesel::table! {
    ticket_duplicates (id) {
        id -> Text,
        into_id -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    tasks (id) {
        id -> Text,
        ticket_id -> Text,
        department -> Text,
        text -> Text,
        required -> Bool,
        created_at -> BigInt,
        created_by -> Text,
        done_at -> Nullable<BigInt>,
        done_by -> Nullable<Text>,
    }
}

diesel::joinable!(tasks -> tickets (ticket_id));
diesel::joinable!(notifications -> tickets (ticket_id));
diesel::joinable!(ticket_watchers -> tickets (ticket_id));
diesel::joinable!(ticket_watchers -> users (user_id));
diesel::joinable!(notification_preferences -> users (user_id));
diesel::joinable!(mails -> users (user_id));
diesel::joinable!(mails -> tickets (ticket_id));
diesel::joinable!(rule_firings -> tickets (ticket_id));
diesel::joinable!(dispatch_steps -> dispatch_actions (action_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(skill_certificates -> engineers (engineer_id));
diesel::joinable!(skill_certificates -> skills (skill));
diesel::joinable!(shifts -> engineers (engineer_id));
diesel::joinable!(absences -> engineers (engineer_id));
diesel::joinable!(positions -> engineers (engineer_id));
diesel::joinable!(engineer_loads -> engineers (engineer_id));
diesel::joinable!(repair_times -> engineers (engineer_id));
diesel::joinable!(sites -> customers (customer_id));
diesel::joinable!(assets -> sites (site_id));
diesel::joinable!(tickets -> customers (customer_id));
diesel::joinable!(tickets -> sites (site_id));
diesel::joinable!(tickets -> assets (asset_id));
diesel::joinable!(tickets -> engineers (engineer_id));
diesel::joinable!(visits -> tickets (ticket_id));
diesel::joinable!(visits -> engineers (lead_engineer_id));
diesel::joinable!(visit_crew -> visits (visit_id));
diesel::joinable!(visit_crew -> engineers (engineer_id));
diesel::joinable!(assignments -> tickets (ticket_id));
diesel::joinable!(assignments -> visits (visit_id));
diesel::joinable!(assignments -> engineers (engineer_id));
diesel::joinable!(ticket_events -> tickets (ticket_id));
diesel::joinable!(ticket_events -> visits (visit_id));
diesel::joinable!(ticket_events -> engineers (engineer_id));
diesel::joinable!(notes -> tickets (ticket_id));
diesel::joinable!(notes -> visits (visit_id));
diesel::joinable!(notes -> engineers (engineer_id));
diesel::joinable!(stock_locations -> engineers (engineer_id));
diesel::joinable!(stock_balances -> parts (part_id));
diesel::joinable!(stock_balances -> stock_locations (location_id));
diesel::joinable!(reservations -> tickets (ticket_id));
diesel::joinable!(reservations -> engineers (engineer_id));
diesel::joinable!(reservations -> parts (part_id));
diesel::joinable!(reservations -> stock_locations (location_id));
diesel::joinable!(stock_movements -> parts (part_id));
diesel::joinable!(stock_movements -> tickets (ticket_id));
diesel::joinable!(stock_movements -> reservations (reservation_id));
diesel::joinable!(part_usage -> tickets (ticket_id));
diesel::joinable!(part_usage -> visits (visit_id));
diesel::joinable!(part_usage -> engineers (engineer_id));
diesel::joinable!(part_usage -> parts (part_id));
diesel::joinable!(devices -> users (user_id));
diesel::joinable!(devices -> engineers (engineer_id));
diesel::joinable!(enrolment_codes -> engineers (engineer_id));
diesel::joinable!(enrolment_codes -> users (user_id));
diesel::joinable!(blob_uploads -> devices (device_id));
diesel::joinable!(rescues -> devices (device_id));
diesel::joinable!(push_subscriptions -> devices (device_id));
diesel::joinable!(rescues -> engineers (engineer_id));
diesel::joinable!(sync_inbox -> devices (device_id));
diesel::joinable!(labour -> tickets (ticket_id));
diesel::joinable!(labour -> visits (visit_id));
diesel::joinable!(labour -> engineers (engineer_id));
diesel::joinable!(checklist_answers -> tickets (ticket_id));
diesel::joinable!(checklist_answers -> visits (visit_id));
diesel::joinable!(checklist_answers -> engineers (engineer_id));
diesel::joinable!(readings -> tickets (ticket_id));
diesel::joinable!(readings -> visits (visit_id));
diesel::joinable!(readings -> engineers (engineer_id));
diesel::joinable!(photos -> tickets (ticket_id));
diesel::joinable!(photos -> visits (visit_id));
diesel::joinable!(photos -> engineers (engineer_id));
diesel::joinable!(signatures -> tickets (ticket_id));
diesel::joinable!(signatures -> visits (visit_id));
diesel::joinable!(signatures -> engineers (engineer_id));
diesel::joinable!(confirmations -> tickets (ticket_id));
diesel::joinable!(follow_ups -> tickets (ticket_id));
diesel::joinable!(conflict_cards -> tickets (ticket_id));
diesel::joinable!(conflict_cards -> engineers (engineer_id));
diesel::joinable!(travel_departures -> engineers (engineer_id));
diesel::joinable!(travel_departures -> tickets (ticket_id));
diesel::joinable!(part_codes -> parts (part_id));
diesel::joinable!(part_substitutes -> parts (part_id));
diesel::joinable!(part_lots -> parts (part_id));
diesel::joinable!(lot_balances -> part_lots (lot_id));
diesel::joinable!(lot_balances -> stock_locations (location_id));
diesel::joinable!(part_serials -> parts (part_id));
diesel::joinable!(part_serials -> part_lots (lot_id));
diesel::joinable!(part_serials -> stock_locations (location_id));
diesel::joinable!(part_serials -> assets (asset_id));
diesel::joinable!(part_serials -> reservations (reservation_id));
diesel::joinable!(part_costs -> parts (part_id));
diesel::joinable!(stock_levels -> parts (part_id));
diesel::joinable!(stock_levels -> stock_locations (location_id));
diesel::joinable!(supplier_parts -> parts (part_id));
diesel::joinable!(supplier_parts -> suppliers (supplier_id));
diesel::joinable!(supplier_prices -> supplier_parts (supplier_part_id));
diesel::joinable!(part_components -> parts (part_id));
diesel::joinable!(stock_counts -> stock_locations (location_id));
diesel::joinable!(stock_count_lines -> stock_counts (count_id));
diesel::joinable!(stock_count_lines -> parts (part_id));
diesel::joinable!(used_part_returns -> tickets (ticket_id));
diesel::joinable!(used_part_returns -> assets (asset_id));
diesel::joinable!(used_part_returns -> parts (part_id));
diesel::joinable!(used_part_returns -> engineers (engineer_id));
diesel::joinable!(used_part_returns -> stock_locations (location_id));
diesel::joinable!(part_needs -> parts (part_id));
diesel::joinable!(need_uses -> parts (part_id));
diesel::joinable!(purchase_orders -> suppliers (supplier_id));
diesel::joinable!(purchase_order_lines -> purchase_orders (order_id));
diesel::joinable!(purchase_order_lines -> parts (part_id));
diesel::joinable!(purchase_order_lines -> stock_locations (location_id));
diesel::joinable!(stock_movements -> purchase_order_lines (order_line_id));
diesel::joinable!(put_backs -> tickets (ticket_id));
diesel::joinable!(put_backs -> parts (part_id));
diesel::joinable!(put_backs -> stock_locations (location_id));
diesel::joinable!(put_backs -> engineers (engineer_id));

diesel::allow_tables_to_appear_in_same_query!(
    counters,
    settings,
    changes,
    change_contents,
    record_leaves,
    record_nodes,
    record_heads,
    record_keys,
    idempotency_keys,
    engineers,
    users,
    sessions,
    skills,
    skill_certificates,
    shifts,
    absences,
    positions,
    engineer_loads,
    repair_times,
    customers,
    sites,
    assets,
    tickets,
    ticket_templates,
    ticket_duplicates,
    tasks,
    visits,
    visit_crew,
    assignments,
    dispatch_policies,
    sla_policies,
    sla_calendars,
    sla_contracts,
    sla_settings,
    sla_timers,
    escalations,
    notifications,
    notification_preferences,
    mails,
    ticket_watchers,
    canned_replies,
    rules,
    rule_firings,
    rule_clocks,
    dispatch_actions,
    dispatch_steps,
    dispatcher_looks,
    handover_notes,
    saved_views,
    presences,
    ticket_events,
    notes,
    parts,
    stock_locations,
    stock_balances,
    reservations,
    stock_movements,
    part_usage,
    devices,
    enrolment_codes,
    rescues,
    epochs,
    push_subscriptions,
    blobs,
    blob_uploads,
    checklists,
    labour,
    checklist_answers,
    readings,
    photos,
    signatures,
    sync_inbox,
    sync_feed,
    confirmations,
    follow_ups,
    conflict_cards,
    travel_speeds,
    travel_departures,
    part_codes,
    part_substitutes,
    part_lots,
    lot_balances,
    part_serials,
    part_costs,
    stock_levels,
    suppliers,
    supplier_parts,
    supplier_prices,
    part_components,
    stock_counts,
    stock_count_lines,
    used_part_returns,
    part_needs,
    need_cases,
    need_uses,
    purchase_orders,
    purchase_order_lines,
    put_backs,
);

/// Entity tables, with the column that identifies a row: their writes are in the change log.
pub const LOGGED: &[(&str, &str)] = &[
    ("engineers", "id"),
    ("users", "id"),
    ("skills", "code"),
    ("skill_certificates", "id"),
    ("shifts", "id"),
    ("absences", "id"),
    ("customers", "id"),
    ("sites", "id"),
    ("assets", "id"),
    ("tickets", "id"),
    ("ticket_templates", "id"),
    ("ticket_duplicates", "id"),
    ("tasks", "id"),
    ("visits", "id"),
    ("visit_crew", "id"),
    ("assignments", "id"),
    ("dispatch_policies", "id"),
    ("dispatch_actions", "id"),
    ("handover_notes", "id"),
    ("saved_views", "id"),
    ("sla_policies", "id"),
    ("sla_calendars", "id"),
    ("sla_contracts", "id"),
    ("sla_settings", "id"),
    ("escalations", "id"),
    ("rules", "id"),
    ("rule_firings", "id"),
    ("ticket_events", "id"),
    ("notes", "id"),
    ("canned_replies", "id"),
    ("parts", "id"),
    ("stock_locations", "id"),
    ("stock_balances", "id"),
    ("reservations", "id"),
    ("stock_movements", "id"),
    ("part_usage", "id"),
    ("checklists", "id"),
    ("labour", "id"),
    ("checklist_answers", "id"),
    ("readings", "id"),
    ("photos", "id"),
    ("signatures", "id"),
    ("rescues", "id"),
    ("confirmations", "id"),
    ("follow_ups", "id"),
    ("conflict_cards", "id"),
    ("part_codes", "id"),
    ("part_substitutes", "id"),
    ("part_lots", "id"),
    ("part_serials", "id"),
    ("stock_levels", "id"),
    ("suppliers", "id"),
    ("supplier_parts", "id"),
    ("supplier_prices", "id"),
    ("part_components", "id"),
    ("stock_counts", "id"),
    ("stock_count_lines", "id"),
    ("used_part_returns", "id"),
    ("part_needs", "id"),
    ("purchase_orders", "id"),
    ("purchase_order_lines", "id"),
    ("put_backs", "id"),
];

/// Machinery and derived figures: never in the change log.
pub const UNLOGGED: &[&str] = &[
    "counters",
    "settings",
    "epochs",
    "changes",
    "change_contents",
    "record_leaves",
    "record_nodes",
    "record_heads",
    "record_keys",
    "idempotency_keys",
    "sessions",
    "positions",
    "engineer_loads",
    "repair_times",
    "devices",
    "enrolment_codes",
    "push_subscriptions",
    "blobs",
    "blob_uploads",
    "sync_inbox",
    "sync_feed",
    "travel_speeds",
    "travel_departures",
    "part_costs",
    "lot_balances",
    "need_cases",
    "need_uses",
    "webhook_deliveries",
    "sla_timers",
    "notifications",
    "notification_preferences",
    "ticket_watchers",
    "mails",
    "rule_clocks",
    "dispatch_steps",
    "dispatcher_looks",
    "presences",
];
